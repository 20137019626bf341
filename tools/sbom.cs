#:property PublishAot=false
// Writes down every package that the programs here are made of, as CycloneDX JSON: dotnet run tools/sbom.cs -- bom.json
// Read from what the last restore resolved (project.assets.json), so it lists what was built and asks nobody. Tests and benchmarks are left out. The same
// packages give the same file: there is neither a time nor a random number in it.
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;

var root = Directory.GetCurrentDirectory();
var components = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
var dependencies = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
foreach (var file in Directory.EnumerateFiles(Path.Combine(root, "artifacts", "obj"), "project.assets.json", SearchOption.AllDirectories))
{
    using var assets = JsonDocument.Parse(File.ReadAllText(file));
    var restore = assets.RootElement.GetProperty("project").GetProperty("restore");
    var project = Path.GetRelativePath(root, restore.GetProperty("projectPath").GetString()!);
    if (!Path.Exists(Path.Combine(root, project)) || !Shipped(project)) { continue; }
    Read(project, assets.RootElement);
}

if (components.Count == 0)
{
    Console.Error.WriteLine("Nothing has been restored here: dotnet restore, then again.");
    return 1;
}

var bom = new JsonObject
{
    ["bomFormat"] = "CycloneDX",
    ["specVersion"] = "1.6",
    ["version"] = 1,
    ["metadata"] = new JsonObject
    {
        ["component"] = new JsonObject { ["type"] = "application", ["bom-ref"] = "a2a-micro", ["name"] = "A2A.Micro", ["version"] = Version() },
    },
    ["components"] = new JsonArray([.. components.Values]),
    ["dependencies"] = new JsonArray([.. dependencies.Select(one => new JsonObject
    {
        ["ref"] = one.Key,
        ["dependsOn"] = new JsonArray([.. one.Value.Where(components.ContainsKey).Select(name => JsonValue.Create(name))]),
    })]),
};
File.WriteAllText(args.Length > 0 ? args[0] : "bom.json", bom.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
Console.WriteLine($"{components.Values.Count(IsPackage)} packages, {components.Count} components");
return 0;

static bool Shipped(string project) => project.Split('/', '\\')[0] is "services" or "shared" or "agents" or "tools";

static bool Runs(JsonElement target) => target.TryGetProperty("runtime", out _) || target.TryGetProperty("native", out _)
    || target.TryGetProperty("runtimeTargets", out _);

static bool IsPackage(JsonObject component) => component.ContainsKey("purl");

string Version() => XDocument.Load(Path.Combine(root, "Directory.Build.props")).Descendants("Version").Single().Value;

void Read(string project, JsonElement assets)
{
    var folders = assets.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name).ToList();
    var target = assets.GetProperty("targets").EnumerateObject().First().Value;
    var versions = target.EnumerateObject().Select(library => library.Name.Split('/')).ToDictionary(
        name => name[0], name => name[1], StringComparer.OrdinalIgnoreCase);
    var self = assets.GetProperty("project").GetProperty("restore").GetProperty("projectName").GetString()!;
    components[self] = new JsonObject { ["type"] = "application", ["bom-ref"] = self, ["name"] = self, ["version"] = Version() };
    var direct = assets.GetProperty("projectFileDependencyGroups").EnumerateObject().First().Value.EnumerateArray()
        .Select(text => text.GetString()!.Split(' ')[0]);
    dependencies[self] = [.. direct.Where(versions.ContainsKey).Select(Reference)];
    foreach (var library in target.EnumerateObject().Where(library => library.Value.GetProperty("type").GetString() == "package"))
    {
        var (name, reference) = (library.Name.Split('/')[0], Reference(library.Name.Split('/')[0]));
        components.TryAdd(reference, Package(name, versions[name], library.Value, assets.GetProperty("libraries").GetProperty(library.Name), folders));
        if (!dependencies.TryGetValue(reference, out var needs)) { dependencies[reference] = needs = []; }
        if (!library.Value.TryGetProperty("dependencies", out var named)) { continue; }
        needs.UnionWith(named.EnumerateObject().Select(need => need.Name).Where(versions.ContainsKey).Select(Reference));
    }

    // A project is a component of its own and is called as its file.
    string Reference(string name)
    {
        var library = target.EnumerateObject().First(one => one.Name.StartsWith(name + "/", StringComparison.OrdinalIgnoreCase));
        return library.Value.GetProperty("type").GetString() == "package" ? "pkg:nuget/" + library.Name.Replace('/', '@') : library.Name.Split('/')[0];
    }
}

static JsonObject Package(string name, string version, JsonElement target, JsonElement library, IReadOnlyList<string> folders)
{
    var component = new JsonObject
    {
        ["type"] = "library",
        ["bom-ref"] = $"pkg:nuget/{name}@{version}",
        ["name"] = name,
        ["version"] = version,
        // What only builds, such as an analyzer, is in none of the programs.
        ["scope"] = Runs(target) ? "required" : "excluded",
        ["hashes"] = new JsonArray(new JsonObject
        {
            ["alg"] = "SHA-512",
            ["content"] = Convert.ToHexStringLower(Convert.FromBase64String(library.GetProperty("sha512").GetString()!)),
        }),
        ["purl"] = $"pkg:nuget/{name}@{version}",
    };
    if (Licence(library.GetProperty("path").GetString()!, name, folders) is { } expression)
    {
        component["licenses"] = new JsonArray(new JsonObject { ["expression"] = expression });
    }

    return component;
}

static string? Licence(string path, string name, IReadOnlyList<string> folders) => folders
    .Select(folder => Path.Combine(folder, path, name.ToLowerInvariant() + ".nuspec")).Where(File.Exists)
    .SelectMany(file => XDocument.Load(file).Descendants().Where(element => element.Name.LocalName == "license"))
    .FirstOrDefault(element => element.Attribute("type")?.Value == "expression")?.Value;
