using A2A.Micro.Security.Identity;
using Npgsql;

namespace A2A.Micro.Security;

/// <summary>
/// The second wall between tenants: what is read on behalf of a caller is read in a role that row-level security shows only the rows of the tenant that
/// was named, so a query that forgets its tenant finds nothing of another's. Role and tenant are set in the batch of the query itself and hold until its
/// end: one round trip, and nothing stays on the connection.
/// </summary>
public static class TenantWall
{
    private const string Stand = "SELECT set_config('a2a.tenant', $1, true), set_config('role', $2, true)";

    /// <summary>The role that reads in a schema for callers; it sees nothing of another service.</summary>
    public static string ReaderOf(string schema) => $"a2a_{schema}_reader";

    /// <summary>A batch that reads for the caller of this flow; run it with <see cref="Read"/>.</summary>
    /// <param name="database">Where to.</param>
    /// <param name="schema">Whose tables are read.</param>
    /// <param name="read">The query.</param>
    public static NpgsqlBatch Behind(this NpgsqlDataSource database, string schema, NpgsqlBatchCommand read)
    {
        ArgumentNullException.ThrowIfNull(database);
        var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Stand)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = Caller.Current.Tenant }, new NpgsqlParameter<string> { TypedValue = ReaderOf(schema) },
            },
        });
        batch.BatchCommands.Add(read);
        return batch;
    }

    /// <summary>The rows of the read.</summary>
    public static async Task<NpgsqlDataReader> Read(this NpgsqlBatch batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        try
        {
            _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
            return reader;
        }
        catch
        {
            // What the second statement throws comes here, where the reader would otherwise keep its connection.
            await reader.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
