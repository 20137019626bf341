using System.Text;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Broker;
using A2A.Micro.Security.Signing;

namespace A2A.Micro.Security.Tests;

/// <summary>An agent speaks through its own exchange, from its own account, with its own key, in its own name, and of its own business.</summary>
[Trait("Requirement", "41")]
[Trait("Requirement", "44")]
public sealed class IngressRuleTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);
    private const int BytesMax = 100_000;
    private static readonly ReplayWindow Window = new(TimeSpan.FromHours(24), TimeSpan.FromMinutes(5));
    private readonly SigningKey _a1 = SigningKey.New("k1");
    private readonly SigningKey _a2 = SigningKey.New("k1");

    [Fact]
    public void What_is_an_agents_to_say_passes()
    {
        foreach (var type in IngressRule.Types)
        {
            Assert.Null(Refusal(Envelope(type, """{"agent_id":"a1","executor_agent_id":"a1","requester_agent_id":"a1"}""")));
        }
    }

    [Theory]
    [InlineData("agent.a2.out")]
    [InlineData("agent.a1.out.out")]
    [InlineData("agent..out")]
    [InlineData("agent.A1.out")]
    [InlineData("scheduler.tasks")]
    [InlineData("")]
    [InlineData(null)]
    public void Another_exchange_is_refused(string? exchange) => Assert.NotNull(Refusal(Accepted("a1"), exchange: exchange));

    [Theory]
    [InlineData("agent.a2")]
    [InlineData("svc.scheduler")]
    [InlineData("a1")]
    [InlineData(null)]
    public void Another_account_is_refused(string? user) => Assert.Equal("NOT_ITS_ACCOUNT", Refusal(Accepted("a1"), user: user));

    [Fact]
    public void What_is_too_large_is_refused_before_anything_of_it_is_looked_at()
    {
        var most = Encoding.UTF8.GetBytes(Accepted("a1").PadRight(BytesMax));
        Assert.Null(Refusal(most));
        Assert.Equal("TOO_LARGE", Refusal([.. most, (byte)' ']));
        Assert.Equal("TOO_LARGE", Refusal([.. most, (byte)' '], key: _a2));
        Assert.Equal("NOT_ITS_ACCOUNT", Refusal([.. most, (byte)' '], user: "agent.a2"));
    }

    [Fact]
    public void Another_key_is_refused() => Assert.Equal("BAD_SIGNATURE", Refusal(Accepted("a1"), key: _a2));

    [Theory]
    [InlineData("""{"task_id":"t-1","attempt":1,"agent_id":"a2"}""")]
    [InlineData("""{"task_id":"t-1","attempt":1}""")]
    [InlineData("""{"task_id":"t-1","attempt":1,"agent_id":null}""")]
    [InlineData("""{"task_id":"t-1","attempt":1,"agent_id":"a1","agent_id":"a2"}""")]
    [InlineData("""{"task_id":"t-1","attempt":1,"agent_id":"a1","Agent_Id":"a2"}""")]
    public void Another_name_is_refused(string message) => Assert.Equal("NOT_ITS_NAME", Refusal(Envelope("a2a:task.accepted", message)));

    [Theory]
    [InlineData("exchange:scheduler.tasks")]
    [InlineData("exchange:agent.a2.control")]
    [InlineData("exchange:agent.a1")]
    [InlineData("rabbitmq://elsewhere/agent.a1.control")]
    public void An_answer_goes_to_its_own_queue_and_nowhere_else(string address)
    {
        foreach (var name in (string[])["responseAddress", "faultAddress", "ResponseAddress"])
        {
            Assert.Equal("NOT_ITS_ADDRESS", Refusal(Asking(name, $"\"{address}\"")));
        }

        Assert.Equal("NOT_ITS_ADDRESS", Refusal(Asking("responseAddress", "7")));
        Assert.Null(Refusal(Asking("responseAddress", "\"exchange:agent.a1.control\"")));
        Assert.Null(Refusal(Asking("faultAddress", "null")));
    }

    [Theory]
    [InlineData("a2a:task.control.cancel")]
    [InlineData("a2a:resource.allocate")]
    [InlineData("a2a:resource.allocated")]
    [InlineData("a2a:agent.steer")]
    [InlineData("a2a:task.offer")]
    [InlineData("a2a:agent.sealing_key")]
    [InlineData("a2a:task.transitioned")]
    [InlineData("a2a:nothing")]
    public void What_is_not_an_agents_to_say_is_refused(string type) =>
        Assert.Equal("NOT_ITS_TO_SAY", Refusal(Envelope(type, """{"agent_id":"a1"}""")));

    [Theory]
    [InlineData("seal")]
    [InlineData("as_member")]
    [InlineData("replay_of")]
    [InlineData("admission")]
    [InlineData("Seal")]
    [InlineData("AS_MEMBER")]
    [InlineData("s\\u0065al")]
    public void A_child_cannot_say_what_is_the_systems(string member) => Assert.Equal(
        "NOT_ITS_TO_SAY", Refusal(Envelope("a2a:task.submit", $$"""{"task_id":"t-2","requester_agent_id":"a1","{{member}}":true}""")));

    [Fact]
    public void Nobody_but_its_own_task_has_a_child_taken_in()
    {
        const string asked = "\"task_id\":\"t-1\",\"dependent_id\":\"t-2\",\"agent_id\":\"a1\"";
        Assert.Null(Refusal(Envelope("a2a:task.dependency.watch", $"{{{asked},\"as_child\":false}}")));
        Assert.Equal("NOT_ITS_TO_SAY", Refusal(Envelope("a2a:task.dependency.watch", $"{{{asked},\"as_child\":true}}")));
        Assert.Equal("NOT_ITS_TO_SAY", Refusal(Envelope("a2a:task.dependency.watch", $"{{{asked},\"As_Child\":true}}")));
    }

    [Theory]
    [InlineData("metadata")]
    [InlineData("Metadata")]
    public void A_child_cannot_say_on_whose_behalf_it_is(string member)
    {
        Assert.Equal("NOT_ITS_TO_SAY", Refusal(Envelope(
            "a2a:task.submit", $$$"""{"task_id":"t-2","requester_agent_id":"a1","{{{member}}}":{"a2a.subject":"root"}}""")));
        Assert.Null(Refusal(Envelope("a2a:task.submit", $$$"""{"task_id":"t-2","requester_agent_id":"a1","{{{member}}}":{"order":7}}""")));
    }

    [Fact]
    public void Every_entry_of_a_bulk_is_asked()
    {
        const string good = """{"message_id":"1","urn":"a2a:task.accepted","body":{"agent_id":"a1"}}""";
        const string lie = """{"message_id":"2","urn":"a2a:task.result","body":{"executor_agent_id":"a2"}}""";
        Assert.Null(Refusal(Envelope("a2a:bulk", $$"""{"entries":[{{good}},{{good}}]}""")));
        Assert.Equal("NOT_ITS_NAME", Refusal(Envelope("a2a:bulk", $$"""{"entries":[{{good}},{{lie}}]}""")));
        Assert.Equal("NOT_AN_ENVELOPE", Refusal(Envelope("a2a:bulk", """{"entries":7}""")));
    }

    [Fact]
    public void What_comes_compressed_is_read_all_the_same()
    {
        Assert.Null(Refusal(Gzip.Pack(Encoding.UTF8.GetBytes(Accepted("a1")))));
        Assert.Equal("NOT_ITS_NAME", Refusal(Gzip.Pack(Encoding.UTF8.GetBytes(Accepted("a2")))));
        Assert.Equal("NOT_AN_ENVELOPE", Refusal([0x1f, 0x8b, .. "torn"u8]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"message":{"agent_id":"a1"}}""")]
    [InlineData("""{"messageType":["a2a:task.accepted","a2a:task.control.cancel"],"message":{"agent_id":"a1"}}""")]
    [InlineData("""{"messageType":["a2a:task.accepted"],"message":{"agent_id":"a1"},"Message":{"agent_id":"a2"}}""")]
    [InlineData("""{"messageType":"a2a:task.accepted","message":{"agent_id":"a1"}}""")]
    public void What_is_no_envelope_is_refused(string body) => Assert.Equal("NOT_AN_ENVELOPE", Refusal(body));

    [Fact]
    public void The_permissions_are_those_of_one_agent_and_no_other()
    {
        var configure = new global::System.Text.RegularExpressions.Regex(AgentAccount.Configure("a-1"));
        Assert.All(
            ["agent.a-1", "agent.a-1_error", "agent.a-1.control", "agent.a-1.control_skipped", "agent.a-1.out"], name => Assert.Matches(configure, name));
        Assert.All(
            ["agent.a-10", "agentxa-1", "agent.a-1.out_error", "agent.a-1xout", "xagent.a-1", "agent.a-1.out.out", "scheduler.tasks", ""],
            name => Assert.DoesNotMatch(configure, name));
        Assert.DoesNotMatch(AgentAccount.Read("a-1"), AgentAccount.Out("a-1"));
        _ = Assert.Throws<SecurityBreachException>(() => AgentAccount.Configure("a.*"));
    }

    [Fact]
    public void A_list_of_keys_is_read_as_it_was_written_and_knows_who_is_suspended()
    {
        var list = new TrustList { Keys = [] }.With(KeyNames.Platform, SigningKey.New("p1")).With("a1", _a1).With("a2", _a2);
        var again = TrustList.Parse(list.Print());
        Assert.Equal(list.Print(), again.Print());
        Assert.Equal(["a1", "a2"], again.Agents());
        Assert.Equal(["a2"], again.Without("a1").Agents());
        using var next = SigningKey.New("k2");
        Assert.Equal(KeyState.Retiring, again.With("a1", next).Keys.Single(key => key is { Owner: "a1", Kid: "k1" }).State);
        _ = Assert.Throws<SecurityBreachException>(
            () => TrustList.Parse("""{"keys":[{"owner":"a1","kid":"k1","alg":"ES256","key":"AAAA","state":"current"}]}"""));
        _ = Assert.Throws<SecurityBreachException>(() => TrustList.Parse("[]"));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _a1.Dispose();
        _a2.Dispose();
    }

    private string? Refusal(string body, string? exchange = "agent.a1.out", string? user = "agent.a1", SigningKey? key = null) =>
        Refusal(Encoding.UTF8.GetBytes(body), exchange, user, key);

    private string? Refusal(byte[] bytes, string? exchange = "agent.a1.out", string? user = "agent.a1", SigningKey? key = null)
    {
        var words = SigningTests.Example() with { Digest = CanonicalText.DigestOf(bytes) };
        var message = new SignedDelivery("m-1", "scheduler.tasks", bytes, MessageCheck.HeaderOf(words), (key ?? _a1).Sign(words).Print());
        var ring = new KeyRing(
        [
            new VerificationKey("a1", "k1", _a1.Algorithm, _a1.Public(), KeyState.Current),
            new VerificationKey("a2", "k1", _a2.Algorithm, _a2.Public(), KeyState.Current),
        ]);
        return IngressRule.Refuses(new AgentDelivery(exchange, user, message), ring, Window, Noon, BytesMax);
    }

    private static string Accepted(string agent) => Envelope("a2a:task.accepted", $$"""{"task_id":"t-1","attempt":1,"agent_id":"{{agent}}"}""");

    private static string Asking(string name, string address) =>
        $$$"""{"messageId":"m-1","{{{name}}}":{{{address}}},"messageType":["a2a:state.read"],"message":{"task_id":"t-1","agent_id":"a1"}}""";

    private static string Envelope(string type, string message) => $$"""{"messageId":"m-1","messageType":["{{type}}"],"message":{{message}}}""";
}
