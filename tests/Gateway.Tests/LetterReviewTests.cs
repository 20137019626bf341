using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.DeadLetters;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace A2A.Micro.Gateway.Tests;

/// <summary>What did not fit an older contract is judged by the one of today: it is sent again by itself, or stays and says who judged.</summary>
[Trait("Requirement", "45")]
[Trait("Requirement", "49")]
public sealed class LetterReviewTests : IAsyncLifetime
{
    private const string Refusal = "MSG001 #/priority: a text is expected";
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start(
        ("Logging:LogLevel:Default", "None"), ("A2A:Gateway:LettersReview", "1.00:00:00"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task What_fits_by_now_is_sent_again_by_itself_and_stands_in_the_audit_and_among_the_figures()
    {
        var letter = await Kept("""{"task_id":"mended","task_type":"a","priority":2}""", "0.9.0+0a0b0c0d");
        await Review();

        await Eventually.True(() => _host.Neighbours.Submitted.Any(task => task.TaskId == "mended"), "the task arrives");
        var shown = await Eventually.Seen(async _ => await Shown(letter), seen => seen.Text("state") == "replayed", "it is replayed");
        Assert.Equal(("0.9.0+0a0b0c0d", ContractVersion.Current), (shown.Text("parked_by"), shown.Text("judged_by")));
        Assert.True(shown.TryGetProperty("judged_at", out _) && shown.TryGetProperty("resent_at", out _));
        var audit = (await (await _host.Get("/v1/audit?limit=200")).Json()).GetProperty("rows").EnumerateArray();
        var row = Assert.Single(audit, entry => entry.Text("action") == "replayDeadLetter");
        Assert.Equal(("gateway", letter.LetterId), (row.Text("actor"), row.Text("object")));
        Assert.Contains("0.9.0+0a0b0c0d", row.Text("reason"), StringComparison.Ordinal);
        Assert.Matches("a2a_dead_letter_steps_total\\{[^}]*step=\"fits\"[^}]*\\} 1\n", await (await _host.Get("/metrics")).Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"task_id":7,"task_type":"a"}""", "task.submit")]
    [InlineData("""{"task_id":"t"}""", "nobody.knows.this")]
    [InlineData("[1]", "task.submit")]
    public async Task What_still_does_not_fit_stays_and_says_when_it_was_judged_and_by_whom(string message, string type)
    {
        var letter = await Kept(message, null, type);
        await Review();

        var shown = await Shown(letter);
        Assert.Equal(("parked", ContractVersion.Current), (shown.Text("state"), shown.Text("judged_by")));
        Assert.True(shown.TryGetProperty("judged_at", out _));
        Assert.False(shown.TryGetProperty("parked_by", out _));
        Assert.False(shown.TryGetProperty("resent_at", out _));
        Assert.Matches("a2a_dead_letter_steps_total\\{[^}]*step=\"fits_not\"[^}]*\\} 1\n", await (await _host.Get("/metrics")).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_this_contract_refused_itself_says_so_and_is_left_to_another_one()
    {
        var endpoint = await _host.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Tasks));
        await endpoint.Send(new SubmitTask { TaskId = "t", TaskType = "a" }, context => context.Serializer = new CopyBodySerializer(
            SystemTextJsonMessageSerializer.JsonContentType,
            new BytesMessageBody("""{"messageType":["a2a:task.submit"],"message":{"task_id":7,"task_type":"a"}}"""u8.ToArray())));
        var parked = await Eventually.Seen(
            async _ => (await (await _host.Get("/v1/dead-letters")).Json()).GetProperty("letters").EnumerateArray().FirstOrDefault(),
            letter => letter.ValueKind == JsonValueKind.Object, "a dead letter");
        Assert.Equal(ContractVersion.Current, parked.Text("parked_by"));
        await Review();
        var store = _host.Services.GetRequiredService<IDeadLetterStore>();
        Assert.Null((await store.Find(parked.Text("letter_id")!, default))!.JudgedAt);
        Assert.Single(await store.Unjudged("9.9.9+00000000", 10, default));
    }

    [Fact]
    public async Task What_lies_here_for_another_reason_is_not_judged()
    {
        var letter = await Kept("""{"task_id":"t","task_type":"a"}""", null, reason: "the database was full");
        await Review();
        Assert.Equal("parked", (await Shown(letter)).Text("state"));
        Assert.False((await Shown(letter)).TryGetProperty("judged_at", out _));
    }

    private Task Review() =>
        _host.Services.GetServices<IHostedService>().OfType<LetterReview>().Single().Judge(ContractVersion.Current, CancellationToken.None);

    private async Task<JsonElement> Shown(DeadLetterRow letter) => await (await _host.Get("/v1/dead-letters/" + letter.LetterId)).Json();

    private async Task<DeadLetterRow> Kept(string message, string? contract, string type = "task.submit", string reason = Refusal)
    {
        var headers = new Dictionary<string, string> { ["MT-Fault-Message"] = reason };
        if (contract is not null) { headers[ContractVersion.Header] = contract; }
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var body = Encoding.UTF8.GetBytes($$"""{"messageId":"{{id}}","messageType":["a2a:{{type}}"],"message":{{message}}}""");
        var letter = DeadLetterRules.Read(Endpoints.Tasks, LetterCause.Failed, body, null, headers, DateTimeOffset.UnixEpoch);
        await _host.Services.GetRequiredService<IDeadLetterStore>().Keep(letter, default);
        return letter;
    }
}
