using System.Text;
using A2A.Micro.Security.Signing;

namespace A2A.Micro.Security.Tests;

/// <summary>One sound delivery, and everything that an attacker may do with it (security 5).</summary>
[Trait("Requirement", "42")]
[Trait("Requirement", "44")]
public sealed class TamperingTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly ReplayWindow Window = new(TimeSpan.FromHours(24), TimeSpan.FromMinutes(5));
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"task_id":"t-1","attempt":2,"agent_id":"a1"}""");
    private readonly SigningKey _own = SigningKey.New("k1");
    private readonly SigningKey _next = SigningKey.New("k2");
    private readonly SigningKey _other = SigningKey.New("k1");
    private readonly SigningKey _revoked = SigningKey.New("k0");

    [Fact]
    public void What_was_not_touched_passes() => Assert.Null(Refusal(Sound()));

    [Fact]
    public void One_of_two_signatures_is_enough() => Assert.Null(Refusal(
        Sound() with { Signature = Sign(_other).Print().Replace("kid=k1", "kid=k9", StringComparison.Ordinal) + "," + Sign(_next).Print() }));

    [Fact]
    public void An_old_message_passes_while_its_reader_was_away_and_not_for_ever()
    {
        Assert.Null(Refusal(Sound(), now: Noon.AddHours(23)));
        Assert.Equal("EXPIRED", Refusal(Sound(), now: Noon.AddDays(7)));
    }

    [Theory]
    [InlineData("m-1", "m-2")]
    [InlineData("task.result", "task.accepted")]
    [InlineData("|1.0|", "|1.1|")]
    [InlineData("|a1|", "|a2|")]
    [InlineData("scheduler.tasks", "state-sync.status")]
    [InlineData("default", "another")]
    [InlineData("t-1", "t-2")]
    [InlineData("|2|7|", "|3|7|")]
    [InlineData("|2|7|", "|2|8|")]
    [InlineData("1774094400000", "1774094400001")]
    [InlineData("AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODg")]
    [InlineData("a2a-sig-v1", "a2a-sig-v2")]
    [InlineData("|2|7|", "|+2|7|")]
    [InlineData("|2|7|", "|02|7|")]
    public void A_changed_word_is_refused(string word, string other)
    {
        var changed = Sound() with { SignedText = Sound().SignedText!.Replace(word, other, StringComparison.Ordinal) };
        Assert.NotEqual(changed.SignedText, Sound().SignedText);
        Assert.Contains(Refusal(changed), new[] { "BAD_SIGNATURE", "MALFORMED_SIGNATURE", "WRONG_SENDER" });
    }

    [Fact]
    public void A_changed_body_is_refused() =>
        Assert.Equal("BODY_CHANGED", Refusal(Sound() with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Body) + " ") }));

    [Fact]
    public void The_words_and_body_of_another_message_do_not_fit_this_one() =>
        Assert.Equal("WRONG_MESSAGE_ID", Refusal(Sound() with { MessageId = "m-2" }));

    [Fact]
    public void A_message_for_another_endpoint_is_refused() =>
        Assert.Equal("WRONG_AUDIENCE", Refusal(Sound() with { Audience = "resource-manager.agents" }));

    [Fact]
    public void The_key_of_another_agent_is_refused() => Assert.Equal("BAD_SIGNATURE", Refusal(Sound(), sender: "a2", words: "a2"));

    [Fact]
    public void A_signature_of_a_strangers_key_of_the_same_name_is_refused() =>
        Assert.Equal("BAD_SIGNATURE", Refusal(Sound() with { Signature = Sign(_other).Print() }));

    [Fact]
    public void A_revoked_key_is_refused() => Assert.Equal("BAD_SIGNATURE", Refusal(Sound() with { Signature = Sign(_revoked).Print() }));

    [Fact]
    public void A_key_that_nobody_has_is_refused() => Assert.Equal(
        "BAD_SIGNATURE", Refusal(Sound() with { Signature = Sign(_own).Print().Replace("kid=k1", "kid=k7", StringComparison.Ordinal) }));

    [Theory]
    [InlineData("alg=none")]
    [InlineData("alg=HS256")]
    public void Another_algorithm_is_refused(string algorithm) => Assert.Equal(
        "BAD_SIGNATURE", Refusal(Sound() with { Signature = Sound().Signature!.Replace("alg=ES256", algorithm, StringComparison.Ordinal) }));

    [Fact]
    public void A_header_that_is_there_twice_is_refused() => Assert.Equal(
        "MALFORMED_SIGNATURE", Refusal(Sound() with { Signature = Sound().Signature + "," + Sound().Signature }));

    [Fact]
    public void No_signature_is_no_way_round_it()
    {
        Assert.Equal("UNSIGNED", Refusal(Sound() with { Signature = null }));
        Assert.Equal("UNSIGNED", Refusal(Sound() with { SignedText = null }));
        Assert.Equal("MALFORMED_SIGNATURE", Refusal(Sound() with { Signature = "" }));
    }

    [Fact]
    public void A_signature_of_the_future_is_refused() => Assert.Equal("FROM_THE_FUTURE", Refusal(Sound(), now: Noon.AddMinutes(-6)));

    [Fact]
    public void A_DER_signature_is_refused()
    {
        var p1363 = Sign(_own).Signature;
        byte[] der = [0x30, 68, 0x02, 32, .. p1363[..32], 0x02, 32, .. p1363[32..]];
        Assert.Equal("BAD_SIGNATURE", Refusal(Sound() with { Signature = new SignatureLine("k1", "ES256", der).Print() }));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _own.Dispose();
        _next.Dispose();
        _other.Dispose();
        _revoked.Dispose();
    }

    private string? Refusal(SignedDelivery delivery, string sender = "a1", string? words = null, DateTimeOffset? now = null)
    {
        var said = words is null ? delivery : delivery with
        {
            SignedText = delivery.SignedText!.Replace("|a1|", $"|{words}|", StringComparison.Ordinal),
        };
        return MessageCheck.Check(said, sender, Ring(), Window, now ?? Noon).Refusal;
    }

    private KeyRing Ring() => new(
    [
        new VerificationKey("a1", "k1", _own.Algorithm, _own.Public(), KeyState.Current),
        new VerificationKey("a1", "k2", _next.Algorithm, _next.Public(), KeyState.Next),
        new VerificationKey("a1", "k0", _revoked.Algorithm, _revoked.Public(), KeyState.Revoked),
        new VerificationKey("a2", "k1", _other.Algorithm, _other.Public(), KeyState.Current),
    ]);

    private static CanonicalText Words() => SigningTests.Example() with { Digest = CanonicalText.DigestOf(Body) };

    private static SignatureLine Sign(SigningKey key) => key.Sign(Words());

    private SignedDelivery Sound() => new("m-1", "scheduler.tasks", Body, MessageCheck.HeaderOf(Words()), Fixed().Print());

    // Signatures of ECDSA are different each time; one and the same makes the cases comparable.
    private SignatureLine Fixed() => _line ??= Sign(_own);

    private SignatureLine? _line;
}
