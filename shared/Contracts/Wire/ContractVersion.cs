using System.Reflection;

namespace A2A.Micro.Contracts.Wire;

/// <summary>
/// Which messages a process was built to read and write. What is refused because it does not fit says by which contract, so that another one may judge it
/// again. Made of the product's version and the build of this assembly: a contract that was built anew is another one, also when nobody raised the version.
/// </summary>
public static class ContractVersion
{
    /// <summary>The header of a message in an error queue that names the contract of who refused it.</summary>
    public const string Header = "a2a-contract";

    private const int BuildLength = 8;

    /// <summary>The contract of this process, such as <c>1.0.0+3f2a9c1b</c>.</summary>
    public static string Current { get; } = Of(typeof(ContractVersion).Assembly);

    private static string Of(Assembly assembly)
    {
        // Behind a plus stands the commit, where the build knew it.
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
        return $"{version}+{assembly.ManifestModule.ModuleVersionId.ToString("n")[..BuildLength]}";
    }
}
