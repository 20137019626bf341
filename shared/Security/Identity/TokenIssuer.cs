namespace A2A.Micro.Security.Identity;

/// <summary>Somebody whose tokens are taken; <c>Security__Issuers__0__Issuer</c> and so on.</summary>
public sealed class TokenIssuer
{
    /// <summary>The name in <c>iss</c>.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>The name of this installation in <c>aud</c>.</summary>
    public string Audience { get; set; } = "a2a-gateway";

    /// <summary>A file with its keys (a JWK set); looked at again every half minute.</summary>
    public string? JwksFile { get; set; }

    /// <summary>An https address of the same; asked again every ten minutes, and when a token names a key that is not in it.</summary>
    public string? JwksUrl { get; set; }

    /// <summary>A file with a shared secret of at least 32 bytes for HS256; in Development only.</summary>
    public string? SecretFile { get; set; }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Objection(bool isDevelopment) => this switch
    {
        { Issuer: "" } => "Issuer is required",
        { SecretFile: not null } when !isDevelopment => "SecretFile (HS256) is for Development only; give JwksFile or JwksUrl",
        { JwksFile: null, JwksUrl: null, SecretFile: null } => "JwksFile or JwksUrl is required",
        { JwksUrl: { } url } when !Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps =>
            "JwksUrl must be an https address",
        { JwksFile: { } file } when !File.Exists(file) => $"JwksFile {file} does not exist",
        _ => null,
    };
}
