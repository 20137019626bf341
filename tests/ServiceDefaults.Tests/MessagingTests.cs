using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.ServiceDefaults.Tests;

/// <summary>What every endpoint gets, on the in-memory transport and, with <c>A2A_TEST_RABBITMQ</c>, on the real broker.</summary>
[Trait("Requirement", "100")]
public sealed class MessagingTests
{
    public static TheoryData<string> Transports() => TestHost.Broker() is null ? ["memory"] : ["memory", "broker"];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_command_sent_to_an_exchange_address_reaches_its_queue(string transport)
    {
        var seen = new Seen();
        await using var host = await Start(transport, seen);

        await host.Send(seen.Endpoint, new Poke { Text = "hello", Kind = Severity.Warning });

        var heard = await seen.Next();
        Assert.Equal("hello", heard.Text);
        Assert.Equal(Severity.Warning, heard.Kind);
        Assert.Equal(seen.Endpoint, heard.Endpoint);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_request_is_answered_and_a_failed_one_is_answered_with_a_fault(string transport)
    {
        await using var host = await Start(transport, new Seen());
        using var scope = host.App.Services.CreateScope();
        var client = scope.ServiceProvider.GetRequiredService<IRequestClient<Ask>>();

        var answer = await client.GetResponse<Told>(new Ask { Question = "?" });
        Assert.Equal("?!", answer.Message.Answer);
        _ = await Assert.ThrowsAsync<RequestFaultException>(() => client.GetResponse<Told>(new Ask { Question = "fail" }));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task The_trace_of_the_sender_is_the_trace_of_the_consumer_in_both_spellings(string transport)
    {
        var seen = new Seen();
        await using var host = await Start(transport, seen);
        using var source = new ActivitySource("A2A.Test");
        using var span = source.StartActivity("outer", ActivityKind.Internal, default(ActivityContext))!;
        span.TraceStateString = "vendor=1";

        await host.Send(seen.Endpoint, new Poke());

        var heard = await seen.Next();
        Assert.Equal(span.TraceId.ToHexString(), heard.TraceId);
        Assert.Equal(heard.Headers["MT-Activity-Id"], heard.Headers["traceparent"]);
        Assert.Equal("vendor=1", heard.Headers["tracestate"]);
        await host.Bus.Publish(new Poke());
        Assert.Contains(span.TraceId.ToHexString(), (await seen.Next()).Headers["traceparent"], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_sender_that_speaks_W3C_only_is_continued(string transport)
    {
        var seen = new Seen();
        await using var host = await Start(transport, seen);
        const string trace = "0af7651916cd43dd8448eb211c80319c";

        seen.Foreign = $"00-{trace}-b7ad6b7169203331-01";
        await host.Send(seen.Endpoint, new Poke());

        Assert.Equal(trace, (await seen.Next()).TraceId);
    }

    [Fact]
    public async Task A_long_header_is_cut_before_it_leaves()
    {
        var seen = new Seen();
        await using var host = await Start("memory", seen);

        await host.Send(seen.Endpoint, new Poke(), context => context.Headers.Set("note", new string('x', 100_000)));

        Assert.Equal(TraceHeaders.HeaderMax, (await seen.Next()).Headers["note"].Length);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    [Trait("Requirement", "39")]
    public async Task A_poison_message_with_a_megabyte_of_text_is_parked_and_hurts_nobody(string transport)
    {
        var seen = new Seen { Fail = poke => poke.Text == "poison" ? new InvalidOperationException(new string('p', 1_000_000)) : null };
        await using var host = await Start(transport, seen);

        await host.Send(seen.Endpoint, new Poke { Text = "poison" });
        var parked = await seen.Parked();
        await host.Send(seen.Endpoint, new Poke { Text = "sound" });
        _ = await seen.Next();
        Assert.Equal("sound", (await seen.Next()).Text);

        Assert.Equal(typeof(TruncatedException).FullName!.Split('.')[^1], parked.ExceptionType.Split('.')[^1]);
        Assert.StartsWith("System.InvalidOperationException: ppp", parked.Message, StringComparison.Ordinal);
        Assert.True(parked.Message.Length <= ConsumerGuard.TextMax);
        var line = Assert.Single(host.Log.Lines, line => line.Id.Id == 1001);
        Assert.Equal(1_000_000, line.Exception!.Message.Length);
        Assert.Equal(BusHealthStatus.Healthy, host.App.Services.GetRequiredService<IBusControl>().CheckHealth().Status);
    }

    [Fact]
    public async Task An_exception_of_usual_length_goes_on_as_it_is()
    {
        var seen = new Seen { Fail = _ => new InvalidOperationException("short") };
        await using var host = await Start("memory", seen);

        await host.Send(seen.Endpoint, new Poke());

        var parked = await seen.Parked();
        Assert.Contains("InvalidOperationException", parked.ExceptionType, StringComparison.Ordinal);
        Assert.Equal("short", parked.Message);
    }

    [Fact]
    public async Task A_fault_is_not_published()
    {
        var seen = new Seen { Fail = _ => new InvalidOperationException("x") };
        await using var host = await Start("memory", seen);

        await host.Send(seen.Endpoint, new Poke());

        _ = await seen.Parked();
        await host.Send(seen.FaultEndpoint, new Marker()); // same queue as Fault<Poke>: had one been published, it would come first
        Assert.Equal("marker", await seen.NextFault());
    }

    [Fact]
    public async Task A_consumer_over_its_limit_is_cancelled()
    {
        var seen = new Seen { Wait = true };
        await using var host = await Start("memory", seen, "--A2A:ConsumerLimitSeconds=1");

        await host.Send(seen.Endpoint, new Poke());

        Assert.Contains("ConsumerCanceledException", (await seen.Parked()).ExceptionType, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    public async Task A_lost_race_is_tried_again_at_once(int attempts)
    {
        var seen = new Seen { Retries = true };
        seen.Fail = _ => seen.Count < attempts ? new ConcurrencyConflictException("row 1") : null;
        await using var host = await Start("memory", seen);

        await host.Send(seen.Endpoint, new Poke());

        for (var i = 0; i < attempts; i++) { _ = await seen.Next(); }
        Assert.Equal(attempts, seen.Count);
    }

    [Fact]
    public async Task What_another_attempt_cannot_change_is_tried_once()
    {
        var seen = new Seen { Retries = true, Fail = _ => new ProtocolException(ErrorKind.Validation, "no") };
        await using var host = await Start("memory", seen);

        await host.Send(seen.Endpoint, new Poke());

        _ = await seen.Parked();
        Assert.Equal(1, seen.Count);
    }

    [Fact]
    [Trait("Requirement", "57")]
    public async Task What_may_pass_is_tried_five_times_and_then_parked()
    {
        var seen = new Seen { Retries = true, Fail = _ => new InvalidOperationException("again") };
        await using var host = await Start("memory", seen);

        await host.Send(seen.Endpoint, new Poke());

        _ = await seen.Parked();
        Assert.Equal(5, seen.Count);
    }

    [Fact]
    public void Failures_are_told_apart_through_wrappers()
    {
        Assert.Equal(FaultClass.Conflict, Retries.Classify(new InvalidOperationException("x", new ConcurrencyConflictException("y"))));
        Assert.Equal(FaultClass.Final, Retries.Classify(new ProtocolException(ErrorKind.NotFound, "x")));
        Assert.Equal(FaultClass.Passing, Retries.Classify(new ProtocolException(ErrorKind.Timeout, "x")));
        Assert.Equal(FaultClass.Final, Retries.Classify(new JsonException()));
        Assert.Equal(FaultClass.Outage, Retries.Classify(new InvalidOperationException("x", new System.Net.Sockets.SocketException())));
        Assert.Equal(FaultClass.Passing, Retries.Classify(new InvalidOperationException()));
    }

    [Fact]
    public async Task Messages_are_snake_case_inside_the_envelope_however_many_buses_there_are()
    {
        await using var first = await Start("memory", new Seen());
        await using var second = await Start("memory", new Seen());

        var options = SystemTextJsonMessageSerializer.Options;
        Assert.Equal("""{"text":"t","kind":"critical","at_time":"2026-01-02T03:04:05.678Z"}""", JsonSerializer.Serialize(
            new Poke { Text = "t", Kind = Severity.Critical, AtTime = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero) }, options));
        _ = Assert.Single(options.Converters, converter => converter is UtcTimeConverter);
    }

    [Fact]
    public void The_shortened_text_never_ends_in_half_a_character()
    {
        for (var padding = 0; padding < 3; padding++)
        {
            var text = ConsumerGuard.Shorten(new InvalidOperationException(new string('x', padding) + string.Concat(Enumerable.Repeat("😀", 2000))));
            Assert.True(text.Length <= ConsumerGuard.TextMax);
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text);
        }
    }

    private static Task<TestHost> Start(string transport, Seen seen, params string[] args)
    {
        var module = new LambdaModule
        {
            Services = services => services.AddSingleton(seen),
            Consumers = bus =>
            {
                _ = bus.AddSendObserver<ForeignSender>();
                bus.AddConsumer<PokeConsumer>().Endpoint(endpoint => endpoint.Name = seen.Endpoint);
                bus.AddConfigureEndpointsCallback((_, _, endpoint) =>
                {
                    if (seen.Retries) { endpoint.UseA2ARetry(); }
                    // The broker outlives the test; its queues do not.
                    if (endpoint is IRabbitMqReceiveEndpointConfigurator queue) { queue.SetQueueArgument("x-expires", 60_000); }
                });
                bus.AddConsumer<ErrorReader>().Endpoint(endpoint =>
                {
                    endpoint.Name = seen.Endpoint + "_error";
                    endpoint.ConfigureConsumeTopology = false;
                });
                bus.AddConsumer<FaultReader>().Endpoint(endpoint => endpoint.Name = seen.FaultEndpoint);
                bus.AddConsumer<Answerer>().Endpoint(endpoint => endpoint.Name = seen.Endpoint + ".ask");
                bus.AddRequestClient<Ask>(Endpoints.Address(seen.Endpoint + ".ask"), RequestTimeout.After(s: 20));
            },
        };
        return TestHost.Start(module, [.. args, .. transport == "broker" ? TestHost.Broker()! : []]);
    }
}
