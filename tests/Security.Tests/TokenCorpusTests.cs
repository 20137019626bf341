using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace A2A.Micro.Security.Tests;

/// <summary>Tokens that attack, each by one thing (RFC 8725): the host lets none of them in, and says the same to all.</summary>
public sealed class TokenCorpusTests(SecureHost host) : IClassFixture<SecureHost>
{
    private static readonly object Good = new { alg = "ES256", kid = "k1", typ = "JWT" };

    public static TheoryData<string> Names => [.. Corpus.Keys];

    private static Dictionary<string, Func<SecureHost, string>> Corpus { get; } = new()
    {
        ["alg none, no signature"] = h => Unsigned("none"),
        ["alg None"] = h => Unsigned("None"),
        ["alg nOnE"] = h => Unsigned("nOnE"),
        ["alg none with somebody's signature"] = h => Replace(h.Token(), 0, new { alg = "none", kid = "k1" }),
        ["signature left out"] = h => h.Token()[..(h.Token().LastIndexOf('.') + 1)],
        ["alg HS256 keyed with the public key"] = h => Hmac(h, Encoding.ASCII.GetBytes(h.PublicKeyPem()), "k1"),
        ["alg HS256 with the key set's oct key"] = h => Hmac(h, "secret"u8.ToArray(), "oct"),
        ["alg HS256 with an empty secret"] = h => Hmac(h, [], "k1"),
        ["alg RS256 for an EC key"] = h => h.Token(header: new { alg = "RS256", kid = "k1" }),
        ["alg es256 in small letters"] = h => h.Token(header: new { alg = "es256", kid = "k1" }),
        ["alg ES384"] = h => h.Token(header: new { alg = "ES384", kid = "k1" }),
        ["alg a number"] = h => h.Token(header: new { alg = 256, kid = "k1" }),
        ["no alg"] = h => h.Token(header: new { kid = "k1" }),
        ["alg twice"] = h => h.Signed("""{"alg":"none","alg":"ES256","kid":"k1"}"""),
        ["a DER signature"] = h => With(h, DSASignatureFormat.Rfc3279DerSequence),
        ["a signature of zeros"] = h => Body(h.Token()) + "." + Tokens.Encode(new byte[64]),
        ["a signature cut short"] = h => h.Token()[..^4],
        ["a signature of another token"] = h => Body(h.Token()) + "." + h.Token(Tokens.Claims(("sub", "bob"))).Split('.')[2],
        ["claims changed after signing"] = h => Replace(h.Token(), 1, Tokens.Claims(("scope", "audit:read"))),
        ["no kid"] = h => h.Token(header: new { alg = "ES256" }),
        ["kid of nobody"] = h => h.Token(header: new { alg = "ES256", kid = "k2" }),
        ["kid a path"] = h => h.Token(header: new { alg = "ES256", kid = "../../../../dev/null" }),
        ["kid SQL"] = h => h.Token(header: new { alg = "ES256", kid = "k1' OR '1'='1" }),
        ["its own key in jwk"] = h => Own(new { alg = "ES256", kid = "k1", jwk = new { kty = "EC" } }),
        ["a key's address in jku"] = h => h.Token(header: new { alg = "ES256", kid = "k1", jku = "https://evil.test/jwks" }),
        ["a certificate's address in x5u"] = h => h.Token(header: new { alg = "ES256", kid = "k1", x5u = "https://evil.test/c" }),
        ["crit"] = h => h.Token(header: new { alg = "ES256", kid = "k1", crit = new[] { "exp" } }),
        ["b64 false"] = h => h.Token(header: new { alg = "ES256", kid = "k1", b64 = false }),
        ["encrypted, five parts"] = h => h.Token() + ".a.b",
        ["a nested token"] = h => h.Token(header: new { alg = "ES256", kid = "k1", cty = "JWT" }),
        ["typ of something else"] = h => h.Token(header: new { alg = "ES256", kid = "k1", typ = "logout+jwt" }),
        ["expired"] = h => h.Token(Tokens.Claims(("exp", Tokens.Now - 61), ("nbf", Tokens.Now - 600))),
        ["not yet"] = h => h.Token(Tokens.Claims(("nbf", Tokens.Now + 120))),
        ["without exp"] = h => h.Token(Tokens.Claims(("exp", null))),
        ["exp as text"] = h => h.Token(Tokens.Claims(("exp", "9999999999"))),
        ["exp beyond all time"] = h => h.Token(Tokens.Claims(("exp", 1e300))),
        ["good for ten years"] = h => h.Token(Tokens.Claims(("exp", Tokens.Now + 315_360_000))),
        ["for another audience"] = h => h.Token(Tokens.Claims(("aud", "a2a-gateway.evil.test"))),
        ["without an audience"] = h => h.Token(Tokens.Claims(("aud", null))),
        ["of another issuer"] = h => h.Token(Tokens.Claims(("iss", "https://issuer.test/"))),
        ["without a tenant"] = h => h.Token(Tokens.Claims(("tenant", null))),
        ["tenant of look-alike letters"] = h => h.Token(Tokens.Claims(("tenant", "d\u0435fault"))),
        ["tenant that names another's task"] = h => h.Token(Tokens.Claims(("tenant", "acme@x"))),
        ["subject with a line feed"] = h => h.Token(Tokens.Claims(("sub", "alice\nadmin"))),
        ["a claim twice"] = h => h.Signed(null, """{"sub":"a","sub":"b"}"""),
        ["scope as a list"] = h => h.Token(Tokens.Claims(("scope", new[] { "tasks:read" }))),
        ["padding"] = h => h.Token() + "==",
        ["blanks inside"] = h => h.Token().Insert(10, " "),
        ["nine kilobytes"] = h => h.Token(Tokens.Claims(("sub", new string('a', 9000)))),
        ["not a token"] = _ => "hello",
    };

    [Fact]
    public async Task A_good_token_comes_in()
    {
        using var reply = await host.Send(HttpMethod.Get, "/v1/tasks", host.Token());
        Assert.Equal(200, (int)reply.StatusCode);
    }

    [Fact]
    public void There_are_forty_at_least() => Assert.True(Corpus.Count >= 40);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_token_that_attacks_is_refused(string name)
    {
        using var reply = await host.Send(HttpMethod.Get, "/v1/tasks", Corpus[name](host));
        var problem = await SecureHost.Json(reply);
        Assert.Equal((401, "UNAUTHENTICATED"), ((int)reply.StatusCode, problem.GetProperty("code").GetString()));
        Assert.Equal("Bearer realm=\"a2a\"", reply.Headers.WwwAuthenticate.ToString());
        Assert.Contains(problem.GetProperty("detail").GetString(), new[]
        {
            "The credential is not valid here.", "A credential is required: Authorization: Bearer, with an API key or a token.",
        });
    }

    private static string Unsigned(string algorithm) => Tokens.Encode(new { alg = algorithm, kid = "k1" }) + "." + Tokens.Encode(Tokens.Claims()) + ".";

    private static string Body(string token) => token[..token.LastIndexOf('.')];

    private static string Replace(string token, int part, object json)
    {
        var parts = token.Split('.');
        parts[part] = Tokens.Encode(json);
        return string.Join('.', parts);
    }

    private static string Hmac(SecureHost host, byte[] secret, string kid)
    {
        var input = Tokens.Encode(new { alg = "HS256", kid }) + "." + host.Token().Split('.')[1];
        return input + "." + Tokens.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(input)));
    }

    private static string With(SecureHost host, DSASignatureFormat format)
    {
        var input = Tokens.Encode(Good) + "." + Tokens.Encode(Tokens.Claims());
        return input + "." + Tokens.Encode(host.Sign(input, format));
    }

    private static string Own(object header)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Tokens.Sign(Tokens.Encode(header), Tokens.Encode(Tokens.Claims()), key);
    }
}

internal static class RawTokens
{
    /// <summary>A token with a good signature over texts that no serializer would write.</summary>
    public static string Signed(this SecureHost host, string? header, string? more = null)
    {
        var claims = JsonSerializer.Serialize(Tokens.Claims());
        var input = Tokens.EncodeText(header ?? """{"alg":"ES256","kid":"k1"}""") + "."
            + Tokens.EncodeText(more is null ? claims : claims[..^1] + "," + more[1..]);
        return input + "." + Tokens.Encode(host.Sign(input, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }
}
