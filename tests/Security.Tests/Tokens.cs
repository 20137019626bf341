using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace A2A.Micro.Security.Tests;

/// <summary>Makes tokens, good ones and bad ones.</summary>
internal static class Tokens
{
    public static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    public static Dictionary<string, object?> Claims(params (string Name, object? Value)[] changes)
    {
        var claims = new Dictionary<string, object?>
        {
            ["iss"] = "https://issuer.test",
            ["aud"] = "a2a-gateway",
            ["sub"] = "alice",
            ["tenant"] = "default",
            ["scope"] = "tasks:read tasks:submit",
            ["nbf"] = Now - 10,
            ["exp"] = Now + 300,
        };
        foreach (var (name, value) in changes)
        {
            if (value is null) { _ = claims.Remove(name); }
            else { claims[name] = value; }
        }

        return claims;
    }

    public static string Encode(object json) => Encode(JsonSerializer.SerializeToUtf8Bytes(json));

    public static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    public static string EncodeText(string text) => Encode(Encoding.UTF8.GetBytes(text));

    public static string Sign(string header, string payload, ECDsa key)
    {
        var input = header + "." + payload;
        return input + "." + Encode(key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256));
    }
}
