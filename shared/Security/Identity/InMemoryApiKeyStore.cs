namespace A2A.Micro.Security.Identity;

/// <summary>Keys inside the process; lost when it ends.</summary>
public sealed class InMemoryApiKeyStore(TimeProvider clock) : IApiKeyStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ApiKeyRow> _keys = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public Task<bool> Add(ApiKeyRow key, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var active = _keys.Values.Count(other => other.Tenant == key.Tenant && other.Subject == key.Subject && other.IsActive(now));
            if (active >= ApiKeyRow.ActiveMax) { return Task.FromResult(false); }
            _keys.Add(key.KeyId, key);
            return Task.FromResult(true);
        }
    }

    /// <inheritdoc />
    public Task<ApiKeyRow?> Find(string keyId, CancellationToken cancellation)
    {
        lock (_gate) { return Task.FromResult(_keys.GetValueOrDefault(keyId)); }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<ApiKeyRow>> List(string tenant, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<ApiKeyRow>>(
                [.. _keys.Values.Where(key => key.Tenant == tenant).OrderByDescending(key => key.CreatedAt).Take(1000)]);
        }
    }

    /// <inheritdoc />
    public Task<ApiKeyRow?> Revoke(string keyId, string tenant, DateTimeOffset at, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (!_keys.TryGetValue(keyId, out var key) || key.Tenant != tenant) { return Task.FromResult<ApiKeyRow?>(null); }
            return Task.FromResult<ApiKeyRow?>(_keys[keyId] = key with { RevokedAt = key.RevokedAt ?? at });
        }
    }

    /// <inheritdoc />
    public Task Touch(IReadOnlyDictionary<string, DateTimeOffset> seen, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(seen);
        lock (_gate)
        {
            foreach (var (keyId, at) in seen)
            {
                if (_keys.TryGetValue(keyId, out var key)) { _keys[keyId] = key with { LastUsedAt = at }; }
            }
        }

        return Task.CompletedTask;
    }
}
