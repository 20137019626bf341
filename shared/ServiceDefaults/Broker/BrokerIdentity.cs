using System.Security.Cryptography;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Security;
using A2A.Micro.Security.Broker;
using A2A.Micro.Security.Signing;

namespace A2A.Micro.ServiceDefaults.Broker;

/// <summary>Who this process is at the broker, with whose key it signs, and whom it believes. Only with <c>Security__Broker=identities</c>.</summary>
public sealed class BrokerIdentity
{
    private readonly WatchedFile<KeyRingOf> _trust;
    private readonly WatchedFile<SigningKey> _key;
    private readonly TimeProvider _clock;

    /// <param name="options">Where the keys are.</param>
    /// <param name="agentId">The agent that this process is; null: it is a service.</param>
    /// <param name="clock">Says when something is signed.</param>
    /// <exception cref="SecurityBreachException">A file is not as it should be.</exception>
    public BrokerIdentity(BrokerOptions options, string? agentId, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        (AgentId, AgentMessageBytesMax, _clock) = (agentId, options.AgentMessageBytesMax, clock);
        Window = new ReplayWindow(TimeSpan.FromHours(options.MessageAgeMaxHours), TimeSpan.FromSeconds(options.ClockSkewMaxSeconds));
        _trust = new WatchedFile<KeyRingOf>(options.TrustFile!, KeyRingOf.Read, clock);
        _key = new WatchedFile<SigningKey>(options.SigningKeyFile!, SigningKeyFile.Read, clock);
        _ = (_trust.Value, _key.Value);
    }

    /// <summary>The agent that this process is; null: it is a service.</summary>
    public string? AgentId { get; }

    /// <summary>The largest message of an agent that is read.</summary>
    public int AgentMessageBytesMax { get; }

    /// <summary>How old a signature may be.</summary>
    public ReplayWindow Window { get; }

    /// <summary>Whose word counts now.</summary>
    public KeyRing Ring => _trust.Value.Ring;

    /// <summary>The agents that have an account now.</summary>
    public IReadOnlyList<string> Agents => _trust.Value.Agents;

    /// <summary>The way out of an agent; null for a service, which may speak to every endpoint.</summary>
    public Egress? Egress => AgentId is { } id ? new Egress(AgentAccount.Out(id)) : null;

    /// <summary>The time.</summary>
    public DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>Signs a body for one endpoint: the two headers.</summary>
    public (string Text, string Signature) Sign(string messageId, string type, string audience, string tenant, ReadOnlySpan<byte> body)
    {
        var words = new CanonicalText
        {
            MessageId = messageId,
            Type = type,
            SenderId = AgentId ?? KeyNames.Platform,
            Audience = audience,
            Tenant = tenant,
            IssuedAt = Now,
            Nonce = Base64Text.Of(RandomNumberGenerator.GetBytes(CanonicalText.NonceBytes)),
            Digest = CanonicalText.DigestOf(body),
        };
        return (MessageCheck.HeaderOf(words), _key.Value.Sign(words).Print());
    }

    private sealed record KeyRingOf(KeyRing Ring, IReadOnlyList<string> Agents)
    {
        public static KeyRingOf Read(string path)
        {
            try
            {
                var list = TrustList.Parse(SecretFile.ReadPublic("Security__TrustFile", path));
                return new KeyRingOf(list.Ring(), list.Agents());
            }
            catch (SecurityBreachException e) when (!e.Message.StartsWith("Security__", StringComparison.Ordinal))
            {
                throw new SecurityBreachException($"Security__TrustFile names {path}: {e.Message}.");
            }
        }
    }
}
