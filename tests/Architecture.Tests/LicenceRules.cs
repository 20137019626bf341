using System.Text.Json;
using System.Xml.Linq;

namespace A2A.Micro.Architecture.Tests;

/// <summary>Rules about what we take from others: every package that a build resolved, direct or not, by its own manifest.</summary>
internal static class LicenceRules
{
    private static readonly string[] Allowed = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "PostgreSQL", "Apache-2.0 OR MPL-2.0"];

    // Manifests from before there were expressions; each was read.
    private static readonly Dictionary<string, string> Read = new(StringComparer.OrdinalIgnoreCase)
    {
        ["https://raw.githubusercontent.com/xunit/xunit/master/license.txt"] = "Apache-2.0",
    };

    /// <summary>Packages of the projects that were restored, with their manifests.</summary>
    public static IEnumerable<(string Package, string Manifest)> Packages(string objects) =>
        Directory.EnumerateFiles(objects, "project.assets.json", SearchOption.AllDirectories).SelectMany(PackagesOf).Distinct();

    /// <summary>What a manifest says is under a licence that we may not use, or under none.</summary>
    public static IEnumerable<string> IsAllowed(string package, string manifest)
    {
        var metadata = XDocument.Parse(manifest).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
        string? Said(string name) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value;
        var said = Said("license") ?? (Said("licenseUrl") is { } url && Read.TryGetValue(url, out var read) ? read : Said("licenseUrl")) ?? "none";
        return Allowed.Contains(said) ? [] : [$"{package} is under {said}"];
    }

    private static IEnumerable<(string Package, string Manifest)> PackagesOf(string assets)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(assets));
        var folders = document.RootElement.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name).ToList();
        var found = new List<(string, string)>();
        foreach (var library in document.RootElement.GetProperty("libraries").EnumerateObject())
        {
            if (library.Value.GetProperty("type").GetString() != "package") { continue; }
            var id = library.Name.ToLowerInvariant().Split('/');
            var path = folders.Select(folder => Path.Combine(folder, id[0], id[1], id[0] + ".nuspec")).FirstOrDefault(File.Exists);
            found.Add((library.Name, path is null ? "<package><metadata /></package>" : File.ReadAllText(path)));
        }

        return found;
    }
}
