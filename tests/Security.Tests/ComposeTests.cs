using System.Text.RegularExpressions;

namespace A2A.Micro.Security.Tests;

/// <summary>What docker-compose.yml must say (security 10), read as text: each rule is also shown to find an offender.</summary>
[Trait("Requirement", "60")]
public sealed partial class ComposeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docker-compose.yml"));

    [Fact]
    public void Only_the_gateway_is_published_and_only_on_this_machine()
    {
        Assert.Equal(["127.0.0.1:${A2A_PORT:-8080}:8080", "127.0.0.1:16686:16686"], Ports().Matches(Text).Select(match => match.Groups[1].Value));
        Assert.Contains("inside: { internal: true }", Text, StringComparison.Ordinal);
        Assert.Contains("0.0.0.0:80:80", Ports().Match("ports: [\"0.0.0.0:80:80\"]").Groups[1].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_secret_is_in_it()
    {
        Assert.Empty(Secret().Matches(Text));
        Assert.NotEmpty(Secret().Matches("      RabbitMq__Password: guest"));
        Assert.NotEmpty(Secret().Matches("      POSTGRES_PASSWORD: ${X:-a2a-local-only}"));
        Assert.All(Files().Matches(Text), match => Assert.StartsWith("./.secrets/", match.Groups[1].Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_container_has_as_little_as_it_needs()
    {
        foreach (var (name, body) in Services())
        {
            Assert.True(Says(body, "cap_drop: [ALL]"), $"{name} keeps capabilities");
            Assert.True(Says(body, "no-new-privileges:true"), $"{name} may gain privileges");
            Assert.True(Says(body, "networks: [inside"), $"{name} is on the default network");
        }

        foreach (var (name, body) in Services().Where(one => one.Body.Contains("build:", StringComparison.Ordinal)))
        {
            Assert.True(Says(body, "read_only: true"), $"{name} may write to its root");
            Assert.True(Says(body, "user: "), $"{name} may be root");
            Assert.True(Says(body, "mem_limit: "), $"{name} may take all memory");
            Assert.True(Says(body, "Security__Broker: identities"), $"{name} believes everybody");
        }

        Assert.Equal(12, Services().Count());
        Assert.False(Says("    image: x\n", "cap_drop: [ALL]"));
    }

    [Fact]
    [Trait("Requirement", "69")]
    public void The_broker_takes_no_message_that_nobody_would_read()
    {
        var most = int.Parse(MessageSize().Match(Text).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(most, new Broker.BrokerOptions().AgentMessageBytesMax, 16 * 1024 * 1024);
    }

    private static IEnumerable<(string Name, string Body)> Services()
    {
        var services = Text[Text.IndexOf("\nservices:\n", StringComparison.Ordinal)..Text.IndexOf("\nvolumes:\n", StringComparison.Ordinal)];
        return Service().Split(services)[1..].Chunk(2).Select(pair => (pair[0], pair[1]));
    }

    // A service says what it says itself, and what the anchors say that it takes in.
    private static bool Says(string body, string words) =>
        body.Contains(words, StringComparison.Ordinal)
        || Merged().Matches(body).Any(match =>
        {
            var start = Text.IndexOf($": &{match.Groups[1].Value}\n", StringComparison.Ordinal);
            return Says(Text[(start + 3)..Text.IndexOf("\n\n", start, StringComparison.Ordinal)], words);
        });

    [GeneratedRegex("(?m)^      max_message_size = (\\d+)$")]
    private static partial Regex MessageSize();

    [GeneratedRegex("ports: \\[\"([^\"]+)\"\\]")]
    private static partial Regex Ports();

    [GeneratedRegex("(?im)^.*(password|secret|api_?key)\\w*: +(?!/run/secrets/|\\[|\\{)\\S+")]
    private static partial Regex Secret();

    [GeneratedRegex("\\{ file: (\\S+)")]
    private static partial Regex Files();

    [GeneratedRegex("(?m)^  ([a-z-]+):\n")]
    private static partial Regex Service();

    [GeneratedRegex("<<: \\*([a-z]+)")]
    private static partial Regex Merged();
}
