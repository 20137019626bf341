using System.Reflection;

namespace A2A.Micro.Security.Tests;

/// <summary>A database with the schema of identities and of the audit.</summary>
public sealed class SecurityDatabase : IAsyncLifetime
{
    public PostgresServer Server { get; } = new();

    public async Task InitializeAsync()
    {
        await Server.InitializeAsync();
        _ = await Server.Execute("create schema security");
        var assembly = typeof(SecurityDb).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            _ = await Server.Execute((await reader.ReadToEndAsync()).Replace("{schema}", "security", StringComparison.Ordinal));
        }
    }

    public Task DisposeAsync() => Server.DisposeAsync();
}
