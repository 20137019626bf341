using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Testing;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.FileConversion;

namespace A2A.Micro.Agents.Tests;

public sealed class ConversionTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Ways => ["csv", "json", "ndjson"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Any_table_survives_the_way_there_and_back(string way)
    {
        var random = new Random(way.Length);
        for (var trial = 0; trial < 40; trial++)
        {
            var original = Table(random);
            var there = await Convert(folder.Put("a.json", original), way, $"there.{way}");
            var back = await Convert(folder.Put($"b.{way}", await File.ReadAllTextAsync(there.TargetPath)), "json", "back.json");
            using var wanted = JsonDocument.Parse(original);
            using var got = JsonDocument.Parse(await File.ReadAllTextAsync(back.TargetPath));
            Assert.True(JsonElement.DeepEquals(wanted.RootElement, got.RootElement), $"{original}\n{got.RootElement}");
            Assert.Equal(wanted.RootElement.GetArrayLength(), there.Rows);
        }
    }

    [Fact]
    public async Task Unquoted_fields_become_values_and_quoted_ones_stay_text()
    {
        var done = await Convert(folder.Put("a.csv", "\uFEFFn,t,z,b,e,q\r\n1.50,\"1.50\",007,true,,\"\"\r\n"), "ndjson", "a.ndjson");
        Assert.Equal(
            """{"n":1.50,"t":"1.50","z":"007","b":true,"e":null,"q":""}""" + "\n", await File.ReadAllTextAsync(done.TargetPath));
    }

    [Fact]
    public async Task Objects_with_different_members_share_one_header()
    {
        var done = await Convert(folder.Put("a.ndjson", "{\"a\":1}\n{\"b\":\"x,y\",\"a\":2}\n\n"), "csv", "a.csv");
        Assert.Equal("a,b\r\n1,\r\n2,\"x,y\"\r\n", await File.ReadAllTextAsync(done.TargetPath));
    }

    [Fact]
    public async Task Size_and_hash_are_those_of_the_file()
    {
        var done = await Convert(folder.Put("a.csv", "a\n1\n"), "json", "deep/er/a.json");
        var bytes = await File.ReadAllBytesAsync(done.TargetPath);
        Assert.Equal((bytes.LongLength, System.Convert.ToHexStringLower(SHA256.HashData(bytes))), (done.Bytes, done.Sha256));
        Assert.Equal([done.TargetPath], folder.Written());
    }

    [Theory]
    [InlineData("a.json", "[{\"a\":1},{\"a\":", "INVALID_SOURCE")]
    [InlineData("a.json", "{\"a\":1}", "INVALID_SOURCE")]
    [InlineData("a.json", "[1]", "INVALID_SOURCE")]
    [InlineData("a.json", "", "INVALID_SOURCE")]
    [InlineData("a.json", "[{\"a\":[1]}]", "NOT_FLAT")]
    [InlineData("a.json", "[{\"a\":1,\"a\":2}]", "INVALID_SOURCE")]
    [InlineData("a.csv", "a,b\n1\n", "INVALID_SOURCE")]
    [InlineData("a.csv", "a,a\n1,2\n", "INVALID_SOURCE")]
    public async Task A_source_that_is_broken_fails_and_leaves_nothing_behind(string name, string text, string code)
    {
        var path = folder.Put(name, text);
        var fault = await Assert.ThrowsAsync<TaskFailedException>(() => Convert(path, "ndjson", "b.ndjson"));
        Assert.Equal((code, false), (fault.Code, fault.Retryable));
        Assert.Empty(folder.Written());
    }

    [Theory]
    [InlineData("a.csv", "", "json", "[\n]\n")]
    [InlineData("a.csv", "a,b\n", "ndjson", "")]
    [InlineData("a.ndjson", "", "csv", "")]
    [InlineData("a.json", "[]", "csv", "")]
    public async Task Nothing_becomes_nothing(string name, string text, string target, string wanted)
    {
        var done = await Convert(folder.Put(name, text), target, "b." + target);
        Assert.Equal(wanted, await File.ReadAllTextAsync(done.TargetPath));
    }

    [Theory]
    [InlineData("ndjson")]
    [InlineData("csv")]
    public async Task A_cancel_is_obeyed_within_a_second_and_the_beginning_is_removed(string target)
    {
        var path = folder.Put("large.ndjson", string.Concat(Enumerable.Repeat("{\"a\":1,\"b\":\"some text\"}\n", 2_000_000)));
        var run = Start(path, target, "b." + target);
        await run.FirstProgress;
        run.Cancel(CancelReason.LeaseLost);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Result.WaitAsync(TimeSpan.FromSeconds(1)));
        Assert.Empty(folder.Written());
    }

    [Theory]
    [InlineData("ndjson")]
    [InlineData("json")]
    [InlineData("csv")]
    public async Task A_pause_and_a_resume_give_the_same_file_as_one_run(string target)
    {
        var path = folder.Put("large.ndjson", string.Concat(Enumerable.Range(0, 400_000).Select(n => $"{{\"a\":{n},\"b\":\"some, text\"}}\n")));
        var whole = await Convert(path, target, "whole." + target);
        var first = Start(path, target, "b." + target);
        await Eventually.True(
            () => folder.Written().Any(file => new FileInfo(file).Length > 0 && file.Contains(".b.", StringComparison.Ordinal)), "it has begun");
        first.Pause();
        var paused = await Assert.ThrowsAsync<TaskPausedException>(() => first.Result);

        var second = Start(path, target, "b." + target, paused.ResumeToken, attempt: 2);
        var done = await second.Result;

        Assert.Equal((whole.Sha256, whole.Rows, whole.Bytes), (done.Sha256, done.Rows, done.Bytes));
        Assert.Equal(2, folder.Written().Length);
        Assert.True(JsonSerializer.Deserialize<JsonElement>(paused.ResumeToken!).GetProperty("rows").GetInt64() > 0);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"rows":5,"job":"another","file":{"file":"../../etc/passwd","bytes":5,"sha256":"x"}}""")]
    public async Task A_token_of_something_else_is_of_no_use_and_does_no_harm(string token)
    {
        var done = await Start(folder.Put("a.csv", "a\n1\n"), "ndjson", "b.ndjson", token).Result;
        Assert.Equal("{\"a\":1}\n", await File.ReadAllTextAsync(done.TargetPath));
    }

    private Task<ConversionReport> Convert(string source, string target, string path) => Start(source, target, path).Result;

    private AgentTestRun<ConversionParameters, ConversionReport> Start(
        string source, string target, string path, string? token = null, int attempt = 1) =>
        AgentTestKit.Start(new ConversionHandler(folder.Files, TimeProvider.System), new ConversionParameters
        {
            SourcePath = source,
            TargetFormat = Enum.Parse<TableFormat>(target, ignoreCase: true),
            TargetPath = path,
        }, new OfferTask
        {
            TaskId = "task-under-test",
            Attempt = attempt,
            AgentId = "agent-under-test",
            TaskType = "file.conversion",
            OfferedUntil = DateTimeOffset.MaxValue,
            ResumeToken = token,
        });

    private static string Table(Random random)
    {
        string[] pieces = ["a", "Z", "1", "0", "-", ".", "e", ",", ";", "\"", "\n", "\r", "\r\n", " ", "true", "null", "ü", "漢", "😀", "\uFEFF", "\t", "\\"];
        string Word() => string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => pieces[random.Next(pieces.Length)]));
        string Value() => random.Next(6) switch
        {
            0 => "null",
            1 => random.Next(2) == 0 ? "true" : "false",
            2 => $"{random.Next(-999, 999)}.{random.Next(999)}e{random.Next(-9, 9)}",
            3 => "123456789012345678901234567890",
            _ => JsonSerializer.Serialize(Word()),
        };
        var names = Enumerable.Range(0, random.Next(1, 5)).Select(place => Word() + place).ToArray();
        var rows = Enumerable.Range(0, random.Next(1, 6)).Select(_ =>
            new StringBuilder("{").AppendJoin(',', names.Select(name => $"{JsonSerializer.Serialize(name)}:{Value()}")).Append('}'));
        return $"[{string.Join(',', rows)}]";
    }
}
