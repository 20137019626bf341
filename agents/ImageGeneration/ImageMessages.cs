using System.ComponentModel.DataAnnotations;

namespace A2A.Micro.ImageGeneration;

/// <summary>What to draw.</summary>
public sealed record ImageParameters
{
    /// <summary>Pixels, 16..16384; or in <see cref="Resolution"/>.</summary>
    [Range(16, 16_384)]
    public int? Width { get; init; }

    /// <summary>Pixels, 16..16384; or in <see cref="Resolution"/>.</summary>
    [Range(16, 16_384)]
    public int? Height { get; init; }

    /// <summary>Both at once, such as <c>1920x1080</c>.</summary>
    [RegularExpression("[0-9]+[xX][0-9]+")]
    public string? Resolution { get; init; }

    /// <summary>Any text; decides the colours. The same text gives the same picture.</summary>
    public string? Prompt { get; init; }

    /// <summary>Real part of the middle; absent: -0.6.</summary>
    [Range(-4.0, 4.0)]
    public double? CenterX { get; init; }

    /// <summary>Imaginary part of the middle; absent: 0.</summary>
    [Range(-4.0, 4.0)]
    public double? CenterY { get; init; }

    /// <summary>Height of the picture in the complex plane, 1e-13..10; absent: 2.6.</summary>
    [Range(1e-13, 10.0)]
    public double? Scale { get; init; }

    /// <summary>1..10000; absent: 256.</summary>
    [Range(1, 10_000)]
    public int? MaxIterations { get; init; }
}

/// <summary>What was drawn.</summary>
public sealed record ImageReport
{
    /// <summary>The PNG file.</summary>
    public required string Path { get; init; }

    /// <summary>Pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Size of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>Of the file, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }
}
