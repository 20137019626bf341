using System.Security.Cryptography;
using System.Text.Json;
using A2A.Micro.AgentSdk.Files;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.ImageGeneration;

/// <summary>Where a picture can be gone on with: the resume token of the agent.</summary>
/// <param name="Row">The next row.</param>
/// <param name="Sum">The checksum of the rows before it.</param>
/// <param name="File">What is on the disk.</param>
/// <param name="Picture">Which picture: a token of another one is of no use.</param>
internal sealed record DrawingState(int Row, uint Sum, SavePoint File, string Picture)
{
    public string Write() => JsonSerializer.Serialize(this, WireJson.Options);

    /// <summary>Reads a token; null when it is none of ours, or belongs to another picture.</summary>
    public static DrawingState? Read(string? token, string picture, int height)
    {
        try
        {
            return token is not null && JsonSerializer.Deserialize<DrawingState>(token, WireJson.Options) is { File.File: not null } state
                && state.Picture == picture && state.Row > 0 && state.Row <= height && state.Row % PngWriter.BandRows == 0
                    ? state
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Names a picture by what decides how it looks.</summary>
    public static string PictureOf(ImageParameters parameters, int width, int height) => Convert.ToHexStringLower(SHA256.HashData(
        JsonSerializer.SerializeToUtf8Bytes(parameters with { Width = width, Height = height, Resolution = null }, WireJson.Options)));
}
