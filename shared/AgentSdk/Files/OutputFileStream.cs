using System.Security.Cryptography;

namespace A2A.Micro.AgentSdk.Files;

/// <summary>
/// A file that appears whole or not at all: written beside its place under another name, renamed by <see cref="Finish"/>,
/// removed when it is disposed before. Counts and hashes what passes. What was saved by <see cref="Save"/> survives the attempt, unless the
/// task was cancelled: another attempt that sees the same folder goes on from it.
/// </summary>
public sealed class OutputFileStream : Stream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly FileStream file;
    private readonly string target;
    private readonly string temporary;
    private long bytes;
    private readonly TaskContext owner;
    private SavePoint? predecessor;
    private bool saved;
    private bool finished;

    private OutputFileStream(string target, string temporary, TaskContext owner)
    {
        (this.target, this.temporary, this.owner) = (target, temporary, owner);
        file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
    }

    /// <summary>Begins to write.</summary>
    /// <param name="target">Where it will be.</param>
    /// <param name="owner">Task and attempt: two attempts that overlap must not write into the same file.</param>
    public static OutputFileStream Create(string target, TaskContext owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return new OutputFileStream(target, NameOf(target, owner), owner);
    }

    /// <summary>
    /// Goes on from what an earlier attempt saved; null when that is not here any more, or not what it was. Two attempts never share a file:
    /// what was saved is copied.
    /// </summary>
    /// <param name="target">Where it will be.</param>
    /// <param name="owner">Task and attempt.</param>
    /// <param name="place">What <see cref="Save"/> gave; it came with a token, so it is believed only as far as the file confirms it.</param>
    public static OutputFileStream? Resume(string target, TaskContext owner, SavePoint place)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(place);
        var isOurs = Path.GetFileName(place.File) == place.File && place.File.EndsWith(".partial", StringComparison.Ordinal)
            && place.File.StartsWith($".{Path.GetFileName(target)}.", StringComparison.Ordinal);
        var path = Path.Combine(Path.GetDirectoryName(target)!, place.File);
        if (!isOurs || place.Bytes < 0 || !File.Exists(path)) { return null; }
        // The same attempt goes on in a slot that was kept: its own file becomes the one to copy from.
        if (path == NameOf(target, owner))
        {
            File.Move(path, path + ".before", overwrite: true);
            path += ".before";
        }

        var output = Create(target, owner);
        if (output.Copy(path, place))
        {
            output.predecessor = place with { File = path };
            return output;
        }

        output.Dispose();
        return null;
    }

    /// <summary>Makes what was written so far durable; where another attempt goes on from.</summary>
    public SavePoint Save()
    {
        file.Flush(flushToDisk: true);
        saved = true;
        DropPredecessor();
        return new SavePoint(Path.GetFileName(temporary), bytes, Convert.ToHexStringLower(hash.GetCurrentHash()));
    }

    /// <inheritdoc />
    public override bool CanRead => false;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => true;

    /// <inheritdoc />
    public override long Length => bytes;

    /// <inheritdoc />
    public override long Position { get => bytes; set => throw new NotSupportedException(); }

    /// <summary>Makes it durable and gives it its name; its size and the SHA-256 in lower-case hexadecimal.</summary>
    public (long Bytes, string Sha256) Finish()
    {
        file.Flush(flushToDisk: true);
        file.Dispose();
        File.Move(temporary, target, overwrite: true);
        finished = true;
        DropPredecessor();
        return (bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <inheritdoc />
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        file.Write(buffer);
        hash.AppendData(buffer);
        bytes += buffer.Length;
    }

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public override void Flush() => file.Flush();

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
            hash.Dispose();
            if (!finished && !(saved && owner.CancelReason != CancelReason.UserCancel)) { File.Delete(temporary); }
        }

        base.Dispose(disposing);
    }

    private static string NameOf(string target, TaskContext owner) =>
        Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{owner.AgentId}.{owner.Attempt}.partial");

    private bool Copy(string path, SavePoint place)
    {
        using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var block = new byte[1 << 16];
        while (bytes < place.Bytes)
        {
            var read = source.Read(block, 0, (int)Math.Min(block.Length, place.Bytes - bytes));
            if (read == 0) { return false; }
            Write(block.AsSpan(0, read));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash()) == place.Sha256;
    }

    // Only when this attempt has saved at least as much: until then the older file is what a third attempt would go on from.
    private void DropPredecessor()
    {
        if (predecessor is not { } old) { return; }
        predecessor = null;
        File.Delete(old.File);
    }
}

/// <summary>How much of a file was safe on the disk at some time.</summary>
/// <param name="File">Its name while it was not finished, without a folder.</param>
/// <param name="Bytes">How much.</param>
/// <param name="Sha256">Of that much, lower-case hexadecimal.</param>
public sealed record SavePoint(string File, long Bytes, string Sha256);
