using A2A.Micro.AgentSdk.Files;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Agents.Tests;

/// <summary>A data folder and an output folder of one test.</summary>
internal sealed class Folder : IDisposable
{
    public Folder()
    {
        Root = Directory.CreateTempSubdirectory("a2a-agents-").FullName;
        Data = Directory.CreateDirectory(Path.Combine(Root, "data")).FullName;
        Out = Path.Combine(Root, "out");
        Files = new FileRoots(Options.Create(new FileRootsOptions { DataRoot = Data, OutputRoot = Out }));
    }

    public string Root { get; }

    public string Data { get; }

    public string Out { get; }

    public FileRoots Files { get; }

    public string Put(string name, string text)
    {
        var path = Path.Combine(Data, name);
        File.WriteAllText(path, text);
        return path;
    }

    public string[] Written() => Directory.Exists(Out) ? Directory.GetFiles(Out, "*", SearchOption.AllDirectories) : [];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
