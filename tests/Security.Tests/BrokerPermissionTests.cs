using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Broker;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace A2A.Micro.Security.Tests;

/// <summary>What an agent's account may do at the broker, tried with a client that obeys no rule of ours.</summary>
[Trait("Requirement", "41")]
[Trait("Requirement", "59")]
public sealed class BrokerPermissionTests(EnrolledBroker enrolled) : IClassFixture<EnrolledBroker>
{
    private static readonly ReadOnlyMemory<byte> Body = "{}"u8.ToArray();

    [Fact]
    public async Task An_agent_does_what_it_must_and_nothing_else()
    {
        var (mine, other) = (enrolled.Agent("a1"), enrolled.Agent("a2"));
        await enrolled.Enrol(mine);
        await enrolled.Enrol(other);
        await using var operatorConnection = await Connect(enrolled.Broker.User, enrolled.Broker.Password);
        await Furnish(operatorConnection, other);
        await using var connection = await Connect(AgentAccount.User(mine), enrolled.Password);
        foreach (var (name, act) in Allowed(mine)) { Assert.True(await Refusal(connection, act) is null, $"{name} must be allowed"); }
        var forbidden = Forbidden(mine, other).ToList();
        foreach (var (name, act) in forbidden)
        {
            Assert.True(await Refusal(connection, act) is 403 or 406, $"{name} must be refused");
            Assert.True(connection.IsOpen, name);
        }

        Assert.True(forbidden.Count >= 30);
    }

    [Fact]
    public async Task A_suspended_agent_is_out_when_the_command_has_ended_and_stays_out()
    {
        var agent = enrolled.Agent("a9");
        await enrolled.Enrol(agent);
        await using var connection = await Connect(AgentAccount.User(agent), enrolled.Password);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, _) =>
        {
            _ = closed.TrySetResult();
            return Task.CompletedTask;
        };
        await enrolled.Suspend(agent);

        // The broker has closed it; what is waited for is that the client hears of it. How long the command takes is the machine's affair.
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await using var again = await Connect(AgentAccount.User(agent), enrolled.Password);
        Assert.Equal(403, await Refusal(again, channel => channel.QueueDeclareAsync(Endpoints.Agent(agent), true, false, false)));
    }

    private static IEnumerable<(string Name, Func<IChannel, Task> Act)> Allowed(string me)
    {
        yield return ("its queue", channel => channel.QueueDeclareAsync(Endpoints.Agent(me), true, false, false));
        yield return ("its queue of commands", channel => channel.QueueDeclareAsync(Endpoints.AgentControl(me), true, false, false));
        yield return ("its queue of errors", channel => channel.QueueDeclareAsync(Endpoints.Agent(me) + "_error", true, false, false));
        yield return ("its way out", channel => channel.ExchangeDeclareAsync(AgentAccount.Out(me), ExchangeType.Direct, durable: true));
        yield return ("its own messages", channel => channel.BasicConsumeAsync(Endpoints.Agent(me), true, new AsyncDefaultBasicConsumer(channel)));
        yield return ("to speak", channel => Publish(channel, AgentAccount.Out(me), Endpoints.Tasks, AgentAccount.User(me)));
    }

    private static IEnumerable<(string Name, Func<IChannel, Task> Act)> Forbidden(string me, string other)
    {
        foreach (var queue in (string[])[Endpoints.Agent(other), Endpoints.AgentControl(other), Endpoints.Tasks, Endpoints.Agents, Endpoints.Status,
            Endpoints.Requests, Endpoints.Tasks + "_error", "a2a.dead-letters"])
        {
            yield return ("to consume " + queue, channel => channel.BasicConsumeAsync(queue, true, new AsyncDefaultBasicConsumer(channel)));
        }

        foreach (var exchange in (string[])[Endpoints.Tasks, Endpoints.Agents, Endpoints.Status, Endpoints.Requests, Endpoints.Agent(other),
            Endpoints.AgentControl(other), AgentAccount.Out(other), "amq.topic", ""])
        {
            yield return ($"to publish to '{exchange}'", channel => Publish(channel, exchange, Endpoints.Tasks, null));
        }

        yield return ("the account of another", channel => Publish(channel, AgentAccount.Out(me), Endpoints.Tasks, AgentAccount.User(other)));
        yield return ("to get", channel => channel.BasicGetAsync(Endpoints.Agent(other), true));
        yield return ("to declare our exchange", channel => channel.ExchangeDeclareAsync(Endpoints.Tasks, ExchangeType.Fanout, durable: true));
        yield return ("to declare an exchange", channel => channel.ExchangeDeclareAsync("mine", ExchangeType.Fanout));
        yield return ("to declare a queue", channel => channel.QueueDeclareAsync("mine", true, false, false));
        yield return ("to declare another's queue", channel => channel.QueueDeclareAsync(Endpoints.Agent(other), true, false, false));
        yield return ("a longer name", channel => channel.QueueDeclareAsync(Endpoints.Agent(me) + "0", true, false, false));
        yield return ("a dot for any sign", channel => channel.ExchangeDeclareAsync($"agentx{me}", ExchangeType.Fanout));
        yield return ("to delete our exchange", channel => channel.ExchangeDeleteAsync(Endpoints.Tasks));
        yield return ("to delete another's queue", channel => channel.QueueDeleteAsync(Endpoints.Agent(other)));
        yield return ("to purge another's queue", channel => channel.QueuePurgeAsync(Endpoints.Agent(other)));
        yield return ("to listen in", channel => channel.QueueBindAsync(Endpoints.Agent(me), Endpoints.Tasks, ""));
        yield return ("to listen in on another", channel => channel.QueueBindAsync(Endpoints.Agent(me), AgentAccount.Out(other), Endpoints.Tasks));
        yield return ("to lead its way elsewhere", channel => channel.ExchangeBindAsync(Endpoints.Allocations, AgentAccount.Out(me), "x"));
        yield return ("to cut a way", channel => channel.ExchangeUnbindAsync(Endpoints.Tasks, AgentAccount.Out(me), Endpoints.Tasks));
    }

    private static async Task Furnish(IConnection connection, string other)
    {
        await using var channel = await connection.CreateChannelAsync();
        foreach (var name in (string[])[Endpoints.Tasks, Endpoints.Agents, Endpoints.Status, Endpoints.Requests, Endpoints.Allocations,
            Endpoints.Tasks + "_error", "a2a.dead-letters", Endpoints.Agent(other), Endpoints.AgentControl(other)])
        {
            await channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true);
            _ = await channel.QueueDeclareAsync(name, true, false, false);
        }

        await channel.ExchangeDeclareAsync(AgentAccount.Out(other), ExchangeType.Direct, durable: true);
    }

    private static Task Publish(IChannel channel, string exchange, string key, string? user) => channel.BasicPublishAsync(
        exchange, key, mandatory: false, user is null ? new BasicProperties() : new BasicProperties { UserId = user }, Body).AsTask();

    // Each on a channel of its own: what is forbidden closes it. A publish is refused a moment after it has returned.
    private static async Task<int?> Refusal(IConnection connection, Func<IChannel, Task> act)
    {
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, false));
        try
        {
            await act(channel);
            await channel.BasicQosAsync(0, 1, false);
            return null;
        }
        catch (OperationInterruptedException e)
        {
            return e.ShutdownReason?.ReplyCode;
        }
        finally
        {
            await channel.DisposeAsync();
        }
    }

    private Task<IConnection> Connect(string user, string password) => new ConnectionFactory
    {
        HostName = enrolled.Broker.Host,
        Port = enrolled.Broker.Port,
        UserName = user,
        Password = password,
        VirtualHost = enrolled.Broker.VirtualHost,
        AutomaticRecoveryEnabled = false,
    }.CreateConnectionAsync();
}
