using System.Data.Common;
using System.Net.Sockets;
using System.Runtime.Serialization;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Persistence;
using A2A.Micro.Security;
using MassTransit;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// When a consumer is tried again, decided by what failed. Used by the definition of every consumer and saga; configure it before
/// anything that opens a unit of work, so that every attempt opens its own.
/// </summary>
public static class Retries
{
    private static readonly TimeSpan[] Steps = [Ms(50), Ms(200), Ms(1000), Ms(2000)];

    // Ten minutes: a database restart or failover must not empty a queue into its error queue. The held deliveries are the
    // back-pressure; the broker takes them back only after half an hour.
    private static readonly TimeSpan[] Outage = [.. Steps, .. Enumerable.Repeat(Ms(5000), 120)];

    /// <summary>
    /// A lost race for a row: at once, three times, then after 50 ms, 200 ms, 1 s and 2 s. A database that cannot be reached: the same
    /// four, then every 5 s for ten minutes. Anything else that may pass: the four. Never what another attempt cannot change.
    /// </summary>
    public static void UseA2ARetry(this IConsumePipeConfigurator endpoint)
    {
        endpoint.UseMessageRetry(retry =>
        {
            _ = retry.Intervals([TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, .. Steps]);
            retry.Handle<Exception>(e => Classify(e) == FaultClass.Conflict);
        });
        endpoint.UseMessageRetry(retry =>
        {
            _ = retry.Intervals(Outage);
            retry.Handle<Exception>(e => Classify(e) == FaultClass.Outage);
        });
        endpoint.UseMessageRetry(retry =>
        {
            _ = retry.Intervals(Steps);
            retry.Handle<Exception>(e => Classify(e) == FaultClass.Passing);
        });
    }

    /// <summary>What kind of failure it is; looks through wrappers.</summary>
    public static FaultClass Classify(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case ConcurrencyConflictException: return FaultClass.Conflict;
                case ProtocolException { Kind.IsTransient: false } or JsonException or SerializationException or TruncatedException
                    or SecurityBreachException:
                    return FaultClass.Final;
                // The receiver has never been there: what was committed must wait for its first start, not go to the error queue.
                case DbException { IsTransient: true } or SocketException or MessageReturnedException or RequestTimeoutException:
                    return FaultClass.Outage;
                default: break;
            }
        }

        return FaultClass.Passing;
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}

/// <summary>What another attempt can do about a failure.</summary>
public enum FaultClass
{
    /// <summary>Nothing.</summary>
    Final,

    /// <summary>It may go better in a moment.</summary>
    Passing,

    /// <summary>A row was changed by somebody else: read again.</summary>
    Conflict,

    /// <summary>The database cannot be reached, or a receiver has no queue yet: wait for it.</summary>
    Outage,
}
