using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Testing;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ImageGeneration;

namespace A2A.Micro.Agents.Tests;

public sealed class ImageTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(64, 48)]
    [InlineData(16, 16)]
    [InlineData(333, 517)]
    public async Task The_file_is_a_PNG_that_decodes(int width, int height)
    {
        var done = await Draw(new ImageParameters { Resolution = $"{width}x{height}" });
        var bytes = await File.ReadAllBytesAsync(done.Path);
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], bytes[..8]);
        var chunks = Chunks(bytes);
        Assert.Equal(("IHDR", "IEND"), (chunks[0].Type, chunks[^1].Type));
        Assert.Equal((width, height), (Number(chunks[0].Data), Number(chunks[0].Data.AsSpan(4))));
        var packed = chunks.Where(chunk => chunk.Type == "IDAT").SelectMany(chunk => chunk.Data).ToArray();
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress)) { zlib.CopyTo(pixels); }
        Assert.Equal(height * ((width * 3) + 1), pixels.Length);
        Assert.True(pixels.ToArray().Distinct().Count() > 50);
        Assert.Equal(bytes.LongLength, done.Bytes);
    }

    [Fact]
    public async Task The_prompt_decides_the_colours_and_the_same_prompt_gives_the_same_picture()
    {
        var size = new ImageParameters { Width = 32, Height = 32, Prompt = "a sunset" };
        var first = await Draw(size);
        Assert.Equal(first.Sha256, (await Draw(size)).Sha256);
        Assert.NotEqual(first.Sha256, (await Draw(size with { Prompt = "the sea" })).Sha256);
    }

    public static TheoryData<ImageParameters> Bad =>
    [
        new ImageParameters(),
        new ImageParameters { Width = 15, Height = 100 },
        new ImageParameters { Width = 100, Height = 16_385 },
        new ImageParameters { Resolution = "1920*1080" },
        new ImageParameters { Resolution = "99999999999x1" },
        new ImageParameters { Resolution = "100x100", Width = 101 },
        new ImageParameters { Resolution = "100x100", Scale = 0 },
        new ImageParameters { Resolution = "100x100", Scale = double.NaN },
        new ImageParameters { Resolution = "100x100", MaxIterations = 0 },
    ];

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task What_cannot_be_drawn_is_rejected(ImageParameters parameters)
    {
        var no = await Assert.ThrowsAsync<TaskRejectedException>(() => Draw(parameters));
        Assert.StartsWith("#/parameters/", no.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_is_obeyed_within_a_second_and_the_beginning_is_removed()
    {
        var run = AgentTestKit.Start(new ImageHandler(folder.Files, TimeProvider.System), new ImageParameters
        {
            Width = 16_384,
            Height = 16_384,
            MaxIterations = 10_000,
            Scale = 0.01,
            CenterX = -0.2,
            CenterY = 0,
        });
        await Eventually.True(() => folder.Written().Length == 1, "it has begun to write");
        run.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Result.WaitAsync(TimeSpan.FromSeconds(1)));
        Assert.Empty(folder.Written());
    }

    [Fact]
    public async Task A_pause_and_a_resume_give_the_same_file_as_one_run_without_drawing_a_row_twice()
    {
        var size = new ImageParameters { Width = 1024, Height = 1024, MaxIterations = 2000, Prompt = "a pause" };
        var whole = await Draw(size);
        var wholeBytes = await File.ReadAllBytesAsync(whole.Path);
        File.Delete(whole.Path);
        var first = AgentTestKit.Start(new ImageHandler(folder.Files, TimeProvider.System), size, Offer(1, null));
        await first.FirstProgress;
        first.Pause();
        var paused = await Assert.ThrowsAsync<TaskPausedException>(() => first.Result);
        Assert.Single(folder.Written());

        var second = AgentTestKit.Start(new ImageHandler(folder.Files, TimeProvider.System), size, Offer(2, paused.ResumeToken));
        var done = await second.Result;

        Assert.Equal(wholeBytes, await File.ReadAllBytesAsync(done.Path));
        Assert.Equal([done.Path], folder.Written());
        Assert.Equal(1024, first.Progress.Count + second.Progress.Count - 1);
    }

    [Fact]
    public async Task A_token_whose_file_is_gone_means_to_begin_again()
    {
        var size = new ImageParameters { Width = 512, Height = 512, MaxIterations = 1000 };
        var whole = await Draw(size);
        var first = AgentTestKit.Start(new ImageHandler(folder.Files, TimeProvider.System), size, Offer(1, null));
        await first.FirstProgress;
        first.Pause();
        var paused = await Assert.ThrowsAsync<TaskPausedException>(() => first.Result);
        foreach (var file in folder.Written()) { File.Delete(file); }

        var done = await AgentTestKit.Start(new ImageHandler(folder.Files, TimeProvider.System), size, Offer(2, paused.ResumeToken)).Result;

        Assert.Equal(whole.Sha256, done.Sha256);
    }

    [Fact]
    public async Task A_kept_slot_goes_on_in_the_same_attempt_with_its_own_file()
    {
        var size = new ImageParameters { Width = 1024, Height = 512, MaxIterations = 2000 };
        var whole = await Draw(size);
        var first = AgentTestKit.Start(new ImageHandler(folder.Files, TimeProvider.System), size, Offer(1, null));
        await first.FirstProgress;
        first.Pause();
        var paused = await Assert.ThrowsAsync<TaskPausedException>(() => first.Result);

        var done = await AgentTestKit.Start(new ImageHandler(folder.Files, TimeProvider.System), size, Offer(1, paused.ResumeToken)).Result;

        Assert.Equal(whole.Sha256, done.Sha256);
        Assert.Equal([done.Path], folder.Written());
    }

    private static OfferTask Offer(int attempt, string? token) => new()
    {
        TaskId = "task-under-test",
        Attempt = attempt,
        AgentId = "agent-under-test",
        TaskType = "image.generation",
        OfferedUntil = DateTimeOffset.MaxValue,
        ResumeToken = token,
    };

    private Task<ImageReport> Draw(ImageParameters parameters) =>
        AgentTestKit.Start(new ImageHandler(folder.Files, TimeProvider.System), parameters).Result;

    private static List<(string Type, byte[] Data)> Chunks(byte[] file)
    {
        var chunks = new List<(string, byte[])>();
        for (var at = 8; at < file.Length;)
        {
            var length = Number(file.AsSpan(at));
            var body = file.AsSpan(at + 4, length + 4);
            Assert.Equal(Crc(body), BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)));
            chunks.Add((Encoding.ASCII.GetString(body[..4]), body[4..].ToArray()));
            at += 12 + length;
        }

        return chunks;
    }

    private static int Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32BigEndian(bytes);

    // Bit by bit, on purpose not the table of the writer.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var each in bytes)
        {
            crc ^= each;
            for (var bit = 0; bit < 8; bit++) { crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320); }
        }

        return ~crc;
    }
}
