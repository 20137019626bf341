using MassTransit;

namespace A2A.Micro.ServiceDefaults;

/// <summary>Questions over the bus.</summary>
public static class Asking
{
    /// <summary>Asks, and waits for the answer as long as the token allows.</summary>
    /// <remarks>
    /// The token ends the wait and never the publish: in RabbitMQ.Client 7.1.2 a publish that is cancelled while it waits for its turn on a channel gives
    /// back a turn that it never had. Two publishes are then numbered at once, and the channel waits for confirms that do not come.
    /// </remarks>
    /// <exception cref="RequestException">It was not answered within the client's own patience, or the one who was asked failed.</exception>
    public static async Task<TAnswer> Ask<TQuestion, TAnswer>(this IRequestClient<TQuestion> client, TQuestion question, CancellationToken cancellation)
        where TQuestion : class where TAnswer : class
    {
        ArgumentNullException.ThrowIfNull(client);
        var answer = await client.GetResponse<TAnswer>(question, CancellationToken.None).WaitAsync(cancellation).ConfigureAwait(false);
        return answer.Message;
    }
}
