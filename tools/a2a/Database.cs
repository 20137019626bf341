using System.CommandLine;
using A2A.Micro.Persistence;
using A2A.Micro.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace A2A.Micro.Tool;

/// <summary>The database of the installation, with its schema brought up to date first: the tool may run before any service has.</summary>
internal static class Database
{
    private const string Variable = "ConnectionStrings__Postgres";

    public static Option<string?> Option { get; } = new("--database")
    {
        Description = $"Connection string of the database; without it {Variable} of the environment.",
        Recursive = true,
    };

    /// <summary>Does something with the database; the exit code. What goes wrong is one sentence.</summary>
    public static async Task<int> Use(ParseResult parsed, Func<NpgsqlDataSource, Task<int>> work, CancellationToken cancellation)
    {
        if ((parsed.GetValue(Option) ?? Environment.GetEnvironmentVariable(Variable)) is not { Length: > 0 } connection)
        {
            return await Fail($"Say which database: --database, or {Variable} in the environment.").ConfigureAwait(false);
        }

        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:" + PersistenceRegistration.ConnectionName, connection)]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        _ = builder.Services.AddSingleton(TimeProvider.System).AddModuleDb<SecurityDb>(StoreKind.Postgres, builder.Configuration);
        using var host = builder.Build();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            await host.StartAsync(limit.Token).ConfigureAwait(false);
            return await work(host.Services.GetRequiredService<NpgsqlDataSource>()).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or ArgumentException)
        {
            return await Fail($"The database cannot be used: {e.Message}").ConfigureAwait(false);
        }
    }

    /// <summary>Says what is wrong.</summary>
    public static async Task<int> Fail(string sentence)
    {
        await Console.Error.WriteLineAsync(sentence).ConfigureAwait(false);
        return 1;
    }
}
