using System.Diagnostics;
using A2A.Micro.Security.Broker;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace A2A.Micro.Security.Tests;

/// <summary>An agent's account has so many connections and channels, however it came to the broker; tried with a client that obeys no rule of ours.</summary>
[Trait("Requirement", "69")]
public sealed class AccountLimitTests(EnrolledBroker enrolled) : IClassFixture<EnrolledBroker>
{
    // As the script says.
    private const int WaitingMax = 1000;

    [Fact]
    public async Task An_account_that_is_enrolled_has_so_many_connections_and_channels()
    {
        var agent = enrolled.Agent("l1");
        await enrolled.Enrol(agent);
        await Holds(agent, enrolled.Password);
    }

    [Fact]
    public async Task An_account_that_the_script_enrols_at_a_broker_that_runs_has_them_too() =>
        await Script(enrolled.Agent("l2"), TestServers.Require(TestServers.RabbitMqControl), (agent, folder) => Holds(agent, PasswordOf(folder, agent)));

    [Fact]
    public async Task An_account_that_a_broker_reads_when_it_starts_has_them_too() => await Script(enrolled.Agent("l3"), "false", async (agent, folder) =>
    {
        // The broker runs as a user of its own.
        var definitions = Path.Combine(Path.GetTempPath(), $"a2a-{agent}.json");
        try
        {
            await File.WriteAllTextAsync(definitions, await File.ReadAllTextAsync(Path.Combine(folder, ".secrets", "rabbitmq-definitions.json")));
            if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(definitions, File.GetUnixFileMode(definitions) | UnixFileMode.OtherRead); }
            _ = await RabbitBroker.Control("import_definitions", definitions);
            await Holds(agent, PasswordOf(folder, agent));
        }
        finally
        {
            File.Delete(definitions);
        }
    });

    [Fact]
    public async Task So_much_waits_for_an_agent_that_takes_nothing_and_whoever_sends_more_is_told_no() => await Script(
        enrolled.Agent("l4"), TestServers.Require(TestServers.RabbitMqControl), async (agent, folder) =>
        {
            await using var own = await Connect(agent, PasswordOf(folder, agent));
            await using var owner = await own.CreateChannelAsync();
            var queue = Contracts.Wire.Endpoints.Agent(agent);
            _ = await owner.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false,
                new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
            await using var service = await new ConnectionFactory { Uri = enrolled.Broker.Address }.CreateConnectionAsync();
            await using var sender = await service.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

            // The broker hears of the policy, and of the length, a moment later.
            _ = await Assert.ThrowsAsync<PublishException>(async () =>
            {
                for (var n = 0; n < WaitingMax * 2; n++) { await sender.BasicPublishAsync("", queue, mandatory: true, new byte[1]); }
            });

            var waiting = await owner.MessageCountAsync(queue);
            Assert.InRange(waiting, (uint)WaitingMax, (uint)WaitingMax + 100);
            _ = await owner.QueueDeleteAsync(queue);
        });

    private async Task Holds(string agent, string password)
    {
        await using var first = await Connect(agent, password);
        await using var second = await Connect(agent, password);
        // The broker counts a moment after it has let in.
        await Eventually.Seen(async cancellation =>
        {
            try
            {
                // The client does not wait for the answer; whoever is refused cannot do anything.
                await using var third = await Connect(agent, password, cancellation);
                await using var channel = await third.CreateChannelAsync(cancellationToken: cancellation);
                return "it came in";
            }
            catch (Exception e) when (e is OperationInterruptedException or AlreadyClosedException or BrokerUnreachableException)
            {
                return e.InnerException?.Message ?? e.Message;
            }
        }, said => said.Contains($"user connection limit ({AgentAccount.ConnectionsMax}) is reached", StringComparison.Ordinal),
            "a third connection is refused");

        for (var n = 0; n < AgentAccount.ChannelsMax; n++) { _ = await (n % 2 == 0 ? first : second).CreateChannelAsync(); }
        await Eventually.Seen(async cancellation =>
        {
            try
            {
                await using var more = await second.CreateChannelAsync(cancellationToken: cancellation);
                return "it was opened";
            }
            catch (Exception e) when (e is OperationInterruptedException or AlreadyClosedException)
            {
                return e.Message;
            }
        }, said => said.Contains($"({AgentAccount.ChannelsMax})", StringComparison.Ordinal) && said.Contains("channels", StringComparison.Ordinal),
            "an eleventh channel is refused");
    }

    // The script makes its files beside itself.
    private async Task Script(string agent, string control, Func<string, string, Task> check)
    {
        var folder = Directory.CreateTempSubdirectory("a2a-enrol-").FullName;
        try
        {
            var script = Path.Combine(folder, "init-secrets");
            File.Copy(Path.Combine(Repository.Root, "init-secrets"), script);
            var start = new ProcessStartInfo("bash", [script, "enrol", agent]) { RedirectStandardOutput = true, RedirectStandardError = true };
            (start.Environment["RABBITMQCTL"], start.Environment["A2A_VHOST"]) = (control, enrolled.Broker.VirtualHost);
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, await output + await error);
            await check(agent, folder);
        }
        finally
        {
            await Forget(agent);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task Forget(string agent)
    {
        try
        {
            _ = await RabbitBroker.Control("delete_user", AgentAccount.User(agent));
        }
        catch (InvalidOperationException)
        {
            // It never came so far that there was one.
        }
    }

    private static string PasswordOf(string folder, string agent) =>
        File.ReadAllText(Path.Combine(folder, ".secrets", "accounts", AgentAccount.User(agent)));

    private Task<IConnection> Connect(string agent, string password, CancellationToken cancellation = default) => new ConnectionFactory
    {
        HostName = enrolled.Broker.Host,
        Port = enrolled.Broker.Port,
        UserName = AgentAccount.User(agent),
        Password = password,
        VirtualHost = enrolled.Broker.VirtualHost,
        AutomaticRecoveryEnabled = false,
    }.CreateConnectionAsync(cancellation);
}
