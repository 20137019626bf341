using System.Diagnostics;
using System.Text.Json;
using A2A.Micro.Testing;

namespace A2A.Micro.Architecture.Tests;

/// <summary><c>make sbom</c> writes down what the programs are made of, and nothing else.</summary>
public sealed class SbomTests
{
    [Fact]
    public async Task The_list_names_every_package_of_the_programs_and_none_of_the_tests()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("a2a-sbom-").FullName, "bom.json");
        var start = new ProcessStartInfo("dotnet", ["run", "tools/sbom.cs", "--", file])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, string.Join('\n', said));

        var bom = JsonElement.Parse(await File.ReadAllTextAsync(file));
        Assert.Equal(("CycloneDX", "1.6"), (bom.GetProperty("bomFormat").GetString(), bom.GetProperty("specVersion").GetString()));
        var packages = bom.GetProperty("components").EnumerateArray().Where(one => one.TryGetProperty("purl", out _))
            .ToDictionary(one => $"{one.GetProperty("name").GetString()}/{one.GetProperty("version").GetString()}");
        var known = LicenceRules.Packages(Path.Combine(Repository.Root, "artifacts", "obj")).Select(one => one.Package)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain(packages.Keys, package => !known.Contains(package));
        Assert.DoesNotContain(packages.Keys, package => package.StartsWith("xunit", StringComparison.OrdinalIgnoreCase));
        var bus = packages["MassTransit/8.5.12"];
        Assert.Equal("pkg:nuget/MassTransit@8.5.12", bus.GetProperty("purl").GetString());
        Assert.Contains("Apache-2.0", bus.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("SHA-512", bus.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(packages.Keys, package => package.StartsWith("Npgsql/", StringComparison.Ordinal));
    }
}
