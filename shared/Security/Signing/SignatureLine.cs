namespace A2A.Micro.Security.Signing;

/// <summary>
/// The header of a signature: <c>v1;kid=k1;alg=ES256;sig=...</c>. Several, separated by commas, while keys are changed. Pure.
/// </summary>
/// <param name="Kid">Which key.</param>
/// <param name="Algorithm"><c>ES256</c> or <c>HS256</c>; must be that of the key.</param>
/// <param name="Signature">The bytes: IEEE P1363 for ES256.</param>
public sealed record SignatureLine(string Kid, string Algorithm, byte[] Signature)
{
    /// <summary>The name of the header.</summary>
    public const string Header = "a2a-signature";

    /// <summary>Most signatures that are looked at.</summary>
    public const int CountMax = 4;

    private const int LengthMax = 2048;

    /// <summary>The header's text.</summary>
    public string Print() => $"v1;kid={Kid};alg={Algorithm};sig={Base64Text.Of(Signature)}";

    /// <summary>Reads a header; empty when any part of it is not exactly in the form.</summary>
    public static IReadOnlyList<SignatureLine> Read(string? header)
    {
        if (header is not { Length: > 0 and <= LengthMax } || header.Split(',') is not { Length: <= CountMax } parts) { return []; }
        var lines = new List<SignatureLine>(parts.Length);
        foreach (var part in parts)
        {
            if (ReadOne(part) is not { } line || lines.Exists(known => known.Kid == line.Kid)) { return []; }
            lines.Add(line);
        }

        return lines;
    }

    /// <inheritdoc />
    public bool Equals(SignatureLine? other) =>
        other is not null && Kid == other.Kid && Algorithm == other.Algorithm && Signature.AsSpan().SequenceEqual(other.Signature);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Kid, Algorithm, Signature.Length);

    private static SignatureLine? ReadOne(string part) =>
        part.Split(';') is ["v1", var kid, var algorithm, var signature]
        && Value(kid, "kid=") is { } id && KeyNames.IsKid(id)
        && Value(algorithm, "alg=") is { } name
        && Base64Text.Read(Value(signature, "sig=")) is { } bytes
            ? new SignatureLine(id, name, bytes)
            : null;

    private static string? Value(string part, string name) => part.StartsWith(name, StringComparison.Ordinal) ? part[name.Length..] : null;
}
