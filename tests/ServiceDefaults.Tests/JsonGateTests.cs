using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ServiceDefaults.Tests;

public sealed class JsonGateTests
{
    /// <summary>Reliability 8.1 and its neighbours: the text, where the error is, and a word of its sentence.</summary>
    public static TheoryData<string, string, string> Corpus() => new()
    {
        { """{"parameters":{"a":"x\u0000y"}}""", "#/parameters/a", "NUL" },
        { """{"parameters":{"a\u0000":1}}""", "#/parameters/a%5Cu0000", "NUL" },
        { """{"metadata":{"a":"\ud800"}}""", "#/metadata/a", "surrogate" },
        { """{"metadata":{"a":"\udc00x"}}""", "#/metadata/a", "surrogate" },
        { """{"a":["ok","\ud83d\ud83d"]}""", "#/a/1", "surrogate" },
        { """{"n":1e400}""", "#/n", "exponent" },
        { """{"n":-1e-301}""", "#/n", "exponent" },
        { """{"n":1e200000}""", "#/n", "exponent" },
        { """{"n":1e99999999999999}""", "#/n", "exponent" },
        { """{"n":1234567890123456789.0e300}""", "#/n", "too large" },
        { """{"n":""" + new string('9', 41) + "}", "#/n", "digits" },
        { """{"n":""" + new string('9', 200_000) + "}", "#/n", "digits" },
        { """{"a":1,"b":2,"a":3}""", "#/a", "twice" },
        { """{"a":1,"\u0061":3}""", "#/a", "twice" },
        { """{"x/y~z":{"k":1,"k":1}}""", "#/x~1y~0z/k", "twice" },
        { Nested(33), "#" + string.Concat(Enumerable.Repeat("/0", 32)), "deeper" },
        { Nested(900), "#" + string.Concat(Enumerable.Repeat("/0", 32)), "deeper" },
        { "{" + string.Join(',', Enumerable.Range(0, 257).Select(i => $"\"k{i}\":0")) + "}", "#", "256" },
        { "[" + string.Join(',', Enumerable.Repeat("0", 10_000)) + "]", "#/9999", "10000" },
        { "", "#", "empty" },
        { "   ", "#", "not valid JSON" },
        { "{", "#", "not valid JSON" },
        { """{"a":1}x""", "#", "not valid JSON" },
        { """{"a":1}{"a":1}""", "#", "not valid JSON" },
        { """{"a":NaN}""", "#/a", "not valid JSON" },
        { """{"a":01}""", "#/a", "not valid JSON" },
        { """{"a":1,}""", "#/a", "not valid JSON" },
        { """{"a":/*c*/1}""", "#/a", "not valid JSON" },
        { "{\"a\":\"\0\"}", "#/a", "not valid JSON" },
        { "\uFEFF{}", "#", "byte order mark" },
    };

    [Theory]
    [MemberData(nameof(Corpus))]
    public void What_made_a_naive_service_fail_is_refused_at_its_place(string json, string pointer, string word)
    {
        var verdict = JsonGate.Check(Encoding.UTF8.GetBytes(json));

        Assert.Same(ErrorKind.Validation, verdict.Kind);
        Assert.Equal(pointer, verdict.Errors[0].Pointer);
        Assert.Contains(word, verdict.Errors[0].Detail, StringComparison.Ordinal);
        Assert.Equal("MSG001", verdict.Errors[0].Code);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"a":"\ud83d\ude00 \\u0000 \" \/","b":[1,-0.5e-3,1e300,true,null],"c":{"a":{"a":1}}}""")]
    [InlineData("""[{"a":1},{"a":1}]""")]
    public void Sound_text_passes(string json)
    {
        Assert.True(JsonGate.Check(Encoding.UTF8.GetBytes(json)).Ok);
    }

    [Fact]
    public void What_is_exactly_at_a_limit_passes()
    {
        Pass(Nested(32));
        Pass("{" + string.Join(',', Enumerable.Range(0, 256).Select(i => $"\"k{i}\":0")) + "}");
        Pass("[" + string.Join(',', Enumerable.Repeat("0", 9_999)) + "]");
        Pass("{\"s\":\"" + new string('x', 64 * 1024) + "\"}");
        Pass("{\"n\":" + new string('9', 40) + "}");
        Pass("{\"metadata\":" + OfSize(16 * 1024) + "}");
        Pass("{\"parameters\":" + OfSize(256 * 1024) + "}");

        static void Pass(string json) => Assert.Empty(JsonGate.Check(Encoding.UTF8.GetBytes(json)).Errors);
    }

    [Theory]
    [InlineData(0xC0, 0x80)]
    [InlineData(0xED, 0xA0)]
    [InlineData(0xFF, 0xFE)]
    public void Bytes_that_are_not_UTF_8_are_refused(byte first, byte second)
    {
        var verdict = JsonGate.Check([(byte)'"', first, second, (byte)'"']);

        Assert.Same(ErrorKind.Validation, verdict.Kind);
        Assert.Contains("UTF-8", verdict.Errors[0].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("metadata", 16 * 1024)]
    [InlineData("parameters", 256 * 1024)]
    public void A_member_over_its_size_is_too_large_and_the_answer_names_it_and_the_limit(string member, int limit)
    {
        var verdict = JsonGate.Check(Encoding.UTF8.GetBytes($"[{{\"{member}\": {OfSize(limit + 1)} }}]"));

        Assert.Same(ErrorKind.TooLarge, verdict.Kind);
        Assert.Equal($"#/0/{member}", verdict.Errors[0].Pointer);
        Assert.Equal($"{member} has {limit + 1} bytes; at most {limit} are accepted.", verdict.Errors[0].Detail);
    }

    [Fact]
    public void Metadata_inside_parameters_is_an_ordinary_member()
    {
        Assert.True(JsonGate.Check(Encoding.UTF8.GetBytes("{\"parameters\":{\"metadata\":" + OfSize(17 * 1024) + "}}")).Ok);
    }

    [Fact]
    public void A_long_string_is_too_large_even_beside_a_broken_one()
    {
        var verdict = JsonGate.Check(Encoding.UTF8.GetBytes("{\"a\":\"\\u0000\",\"b\":\"" + new string('x', (64 * 1024) + 1) + "\"}"));

        Assert.Same(ErrorKind.TooLarge, verdict.Kind);
        Assert.Equal(["#/a", "#/b"], verdict.Errors.Select(error => error.Pointer));
    }

    [Fact]
    public void Escapes_do_not_count_towards_the_length_of_a_string()
    {
        var escaped = string.Concat(Enumerable.Repeat("\\u0078", 64 * 1024));
        Assert.True(JsonGate.Check(Encoding.UTF8.GetBytes("{\"s\":\"" + escaped + "\"}")).Ok);
    }

    [Fact]
    public void Errors_are_collected_up_to_their_limit()
    {
        var json = "[" + string.Join(',', Enumerable.Repeat("\"\\u0000\"", 100)) + "]";
        Assert.Equal(16, JsonGate.Check(Encoding.UTF8.GetBytes(json)).Errors.Count);
    }

    [Fact]
    public void What_passes_can_be_parsed_strictly_and_written_again()
    {
        var pieces = Gen.Elements(
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\udc00\\ud800\"",
            "1", "-1e5", "1e400", "1E-400", "null", "true", " ", "\"a\":", "{\"a\":1}", "{\"a\":1,\"a\":2}", "\\", "\"", "\u0001", "é");
        var text = Gen.Select(Gen.ListOf(pieces), list => string.Concat(list)).ToArbitrary();
        Prop.ForAll(text, Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000).WithEndSize(14));

        static bool Holds(string json)
        {
            var bytes = Encoding.UTF8.GetBytes(json);
            if (!JsonGate.Check(bytes).Ok) { return true; }
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var again = JsonSerializer.SerializeToUtf8Bytes(document.RootElement);
            return Finite(document.RootElement) && again.AsSpan().IndexOf("\\u0000"u8) < 0;
        }
    }

    [Fact]
    public void Any_bytes_get_a_verdict_and_a_refusal_says_why()
    {
        var bytes = ArbMap.Default.ArbFor<byte[]>();
        Prop.ForAll(bytes, body =>
        {
            var verdict = JsonGate.Check(body);
            return verdict.Ok ? verdict.Errors.Count == 0 : verdict.Errors.All(error => error.Detail.Length is > 0 and < 300);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private static bool Finite(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => double.IsFinite(element.GetDouble()),
        JsonValueKind.Array => element.EnumerateArray().All(Finite),
        JsonValueKind.Object => element.EnumerateObject().All(member => Finite(member.Value)),
        _ => true,
    };

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    // An object of exactly this many bytes made of strings that are each short enough.
    private static string OfSize(int bytes)
    {
        var text = new StringBuilder("{");
        for (var i = 0; bytes - text.Length > 40_000; i++) { _ = text.Append($"\"k{i}\":\"{new string('x', 30_000)}\","); }
        _ = text.Append("\"last\":\"");
        return text.Append('x', bytes - text.Length - 2).Append("\"}").ToString();
    }
}
