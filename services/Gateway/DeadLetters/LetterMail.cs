using System.Net.Mime;
using A2A.Micro.Contracts.Wire;
using MassTransit;
using MassTransit.Serialization;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>
/// Sends a letter to the queue that it was for, byte by byte as it is kept and under its own MessageId, by which the receiver knows what it has done
/// already.
/// </summary>
internal sealed class LetterMail(IBus bus)
{
    public async Task Send(DeadLetterRow letter, CancellationToken cancellation)
    {
        var endpoint = await bus.GetSendEndpoint(Endpoints.Address(letter.Queue)).ConfigureAwait(false);
        // The token ends the wait and never the publish; Asking says why.
        await endpoint.Send(letter, new AsItCame(letter), CancellationToken.None).WaitAsync(cancellation).ConfigureAwait(false);
    }

    private sealed class AsItCame(DeadLetterRow letter) : IPipe<SendContext<DeadLetterRow>>, IMessageSerializer
    {
        public ContentType ContentType { get; } = Parse(letter.ContentType);

        public Task Send(SendContext<DeadLetterRow> context)
        {
            if (Guid.TryParse(letter.MessageId, out var id)) { context.MessageId = id; }
            context.Serializer = this;
            return Task.CompletedTask;
        }

        public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class => new BytesMessageBody(letter.Body);

        public void Probe(ProbeContext context) => context.CreateScope("letter-mail");

        private static ContentType Parse(string? text)
        {
            try
            {
                return text is { Length: > 0 } ? new ContentType(text) : SystemTextJsonMessageSerializer.JsonContentType;
            }
            catch (FormatException)
            {
                return SystemTextJsonMessageSerializer.JsonContentType;
            }
        }
    }
}
