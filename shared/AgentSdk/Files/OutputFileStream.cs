using System.Security.Cryptography;

namespace A2A.Micro.AgentSdk.Files;

/// <summary>
/// A file that appears whole or not at all: written beside its place under another name, renamed by <see cref="Finish"/>,
/// removed when it is disposed before. Counts and hashes what passes.
/// </summary>
public sealed class OutputFileStream : Stream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly FileStream file;
    private readonly string target;
    private readonly string temporary;
    private long bytes;
    private bool finished;

    private OutputFileStream(string target, string temporary)
    {
        (this.target, this.temporary) = (target, temporary);
        file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
    }

    /// <summary>Begins to write.</summary>
    /// <param name="target">Where it will be.</param>
    /// <param name="owner">Task and attempt: two attempts that overlap must not write into the same file.</param>
    public static OutputFileStream Create(string target, TaskContext owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var name = $".{Path.GetFileName(target)}.{owner.AgentId}.{owner.Attempt}.partial";
        return new OutputFileStream(target, Path.Combine(Path.GetDirectoryName(target)!, name));
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
            if (!finished) { File.Delete(temporary); }
        }

        base.Dispose(disposing);
    }
}
