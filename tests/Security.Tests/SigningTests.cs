using System.Security.Cryptography;
using System.Text;
using A2A.Micro.Security.Signing;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Security.Tests;

/// <summary>What is signed is read back as it was, and nothing else passes (M6).</summary>
[Trait("Requirement", "42")]
public sealed class SigningTests
{
    private static readonly Gen<string> Words = Gen.Elements(
        "a", "b-7", "default", "x.y", "äöü", "", "2026", "scheduler.tasks", "urn:message:a2a:task.result");

    private static readonly Gen<CanonicalText> Texts =
        from words in Words.ArrayOf(7)
        from attempt in Gen.Choose(-1, 20)
        from epoch in Gen.Choose(0, int.MaxValue - 1)
        from issued in Gen.Choose(0, int.MaxValue - 1)
        from nonce in Gen.Choose(0, 255).ArrayOf(CanonicalText.NonceBytes)
        select new CanonicalText
        {
            MessageId = words[0],
            Type = words[1],
            SchemaVersion = words[2],
            SenderId = words[3],
            Audience = words[4],
            Tenant = words[5],
            TaskId = words[6],
            Attempt = attempt,
            LeaseEpoch = epoch,
            IssuedAt = DateTimeOffset.FromUnixTimeMilliseconds(issued * 1000L),
            Nonce = Base64Text.Of([.. nonce.Select(one => (byte)one)]),
            Digest = CanonicalText.DigestOf(Encoding.UTF8.GetBytes(words[0])),
        };

    [Fact]
    public void What_was_printed_is_read_back_as_it_was() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1000),
        Prop.ForAll(Texts.ToArbitrary(), words => CanonicalText.TryParse(words.Print(), out var read) && read == words));

    [Fact]
    public void Any_changed_byte_breaks_it()
    {
        using var key = SigningKey.New("k1");
        var ring = Ring("a1", key);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(1000),
            Prop.ForAll(
                (from words in Texts from at in Gen.Choose(0, 10_000) from bit in Gen.Choose(0, 6) select (words, at, bit)).ToArbitrary(),
                one =>
                {
                    var line = key.Sign(one.words);
                    var bytes = one.words.Bytes();
                    bytes[one.at % bytes.Length] ^= (byte)(1 << one.bit);
                    return !CanonicalText.TryParse(Encoding.UTF8.GetString(bytes), out var changed) || !ring.Verifies("a1", changed!, [line]);
                }));
    }

    [Fact]
    public void Two_values_in_each_others_place_break_it()
    {
        using var key = SigningKey.New("k1");
        var ring = Ring("a1", key);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(1000),
            Prop.ForAll(
                (from words in Texts from one in Gen.Choose(1, 12) from other in Gen.Choose(1, 12) select (words, one, other)).ToArbitrary(),
                swap =>
                {
                    var lines = swap.words.Print().Split('\n');
                    if (lines[swap.one] == lines[swap.other]) { return true; }
                    (lines[swap.one], lines[swap.other]) = (lines[swap.other], lines[swap.one]);
                    return !CanonicalText.TryParse(string.Join('\n', lines), out var changed)
                        || !ring.Verifies("a1", changed!, [key.Sign(swap.words)]);
                }));
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("a\0b")]
    public void A_value_of_more_than_a_line_is_not_signed(string value) =>
        Assert.Throws<SecurityBreachException>(() => Example() with { TaskId = value } is var words ? words.Print() : "");

    [Fact]
    public void The_text_is_the_documented_one()
    {
        Assert.Equal(
            "a2a-sig-v1\nm-1\nurn:message:a2a:task.result\n1.0\na1\nscheduler.tasks\ndefault\nt-1\n2\n7\n1774094400000\nAAECAwQFBgcICQoLDA0ODw\n"
            + "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
            Example().Print());
    }

    // RFC 4231, test case 2, is HMAC-SHA256 over these bytes; with our 256 bits minimum the key is that of test case 6.
    [Fact]
    public void Hmac_is_that_of_the_RFC()
    {
        using var key = SigningKey.Hmac("k1", [.. Enumerable.Repeat((byte)0xAA, 131)]);
        Assert.Equal(
            "60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54",
            Convert.ToHexString(key.Sign("Test Using Larger Than Block-Size Key - Hash Key First"u8)));
    }

    // RFC 7515, appendix A.3: a signature that somebody else made.
    [Fact]
    public void A_signature_of_the_RFC_is_verified()
    {
        using var pair = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint
            {
                X = Base64Text.Read("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                Y = Base64Text.Read("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
            },
        });
        using var key = new VerificationKey("a1", "k1", "ES256", pair.ExportSubjectPublicKeyInfo(), KeyState.Current);
        var signature = Base64Text.Read("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")!;
        var signed = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"u8;

        Assert.True(key.Verifies(signed, new SignatureLine("k1", "ES256", signature)));
        Assert.False(key.Verifies(signed[1..], new SignatureLine("k1", "ES256", signature)));
    }

    [Theory]
    [InlineData(KeyState.Next, true)]
    [InlineData(KeyState.Current, true)]
    [InlineData(KeyState.Retiring, true)]
    [InlineData(KeyState.Revoked, false)]
    public void A_key_counts_until_it_is_revoked(KeyState state, bool counts)
    {
        using var key = SigningKey.New("k1");
        var ring = new KeyRing([new VerificationKey("a1", "k1", key.Algorithm, key.Public(), state)]);
        Assert.Equal(counts, ring.Verifies("a1", Example(), [key.Sign(Example())]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("v1;kid=k1;alg=ES256")]
    [InlineData("v1;kid=k1;alg=ES256;sig=")]
    [InlineData("v1;kid=k1;alg=ES256;sig=AA==")]
    [InlineData("v1;kid=k1;alg=ES256;sig=AB")]
    [InlineData("v2;kid=k1;alg=ES256;sig=AA")]
    [InlineData("v1;kid=../k1;alg=ES256;sig=AA")]
    [InlineData("v1;kid=k1;alg=ES256;sig=AA,v1;kid=k1;alg=ES256;sig=AQ")]
    [InlineData("v1;kid=k1;alg=ES256;sig=AA;x=1")]
    [InlineData("v1;kid=a;alg=ES256;sig=AA,v1;kid=b;alg=ES256;sig=AA,v1;kid=c;alg=ES256;sig=AA,v1;kid=d;alg=ES256;sig=AA,v1;kid=e;alg=ES256;sig=AA")]
    public void A_header_in_another_form_is_none(string header) =>
        Assert.DoesNotContain(SignatureLine.Read(header), line => line.Signature.Length > 0);

    [Fact]
    public void A_key_that_is_too_short_or_of_another_curve_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        _ = Assert.Throws<SecurityBreachException>(() => SigningKey.Hmac("k1", new byte[31]));
        _ = Assert.Throws<SecurityBreachException>(() => SigningKey.FromPem("k1", other.ExportPkcs8PrivateKeyPem()));
        _ = Assert.Throws<SecurityBreachException>(() => SigningKey.FromPem("k1", "no key"));
        _ = Assert.Throws<SecurityBreachException>(
            () => new VerificationKey("a1", "k1", "ES256", other.ExportSubjectPublicKeyInfo(), KeyState.Current));
        _ = Assert.Throws<SecurityBreachException>(() => new VerificationKey("a1", "k1", "none", new byte[64], KeyState.Current));
    }

    [Fact]
    public void A_private_key_is_the_same_after_a_file()
    {
        using var key = SigningKey.New("k1");
        using var read = SigningKey.FromPem("k1", key.ToPem());
        Assert.True(Ring("a1", key).Verifies("a1", Example(), [read.Sign(Example())]));
    }

    internal static KeyRing Ring(string owner, params SigningKey[] keys) => new(
        keys.Select(key => new VerificationKey(owner, key.Kid, key.Algorithm, key.Public(), KeyState.Current)));

    internal static CanonicalText Example() => new()
    {
        MessageId = "m-1",
        Type = "urn:message:a2a:task.result",
        SenderId = "a1",
        Audience = "scheduler.tasks",
        Tenant = "default",
        TaskId = "t-1",
        Attempt = 2,
        LeaseEpoch = 7,
        IssuedAt = new DateTimeOffset(2026, 3, 21, 12, 0, 0, TimeSpan.Zero),
        Nonce = "AAECAwQFBgcICQoLDA0ODw",
        Digest = CanonicalText.DigestOf([]),
    };
}
