using A2A.Micro.Security.Identity;

namespace A2A.Micro.Security.Tests;

/// <summary>What every store of keys does.</summary>
public abstract class ApiKeyStoreSuite
{
    protected abstract IApiKeyStore Store { get; }

    [Fact]
    public async Task A_key_is_kept_without_its_secret_and_found_by_its_id()
    {
        var row = ApiKeyTests.Row(ApiKeyText.New("prod"), "a");
        Assert.True(await Store.Add(row, default));
        var found = await Store.Find(row.KeyId, default);
        Assert.Equal((row.Subject, row.Tenant, row.Scopes), (found!.Subject, found.Tenant, found.Scopes));
        Assert.Equal(row.SecretHash, found.SecretHash);
        Assert.Null(await Store.Find("0000000000000000", default));
    }

    [Fact]
    public async Task A_principal_has_two_good_keys_and_a_third_once_one_has_ended()
    {
        var rows = Enumerable.Range(0, 4).Select(_ => ApiKeyTests.Row(ApiKeyText.New("prod"), "rotates")).ToList();
        Assert.True(await Store.Add(rows[0], default));
        Assert.True(await Store.Add(rows[1], default));
        Assert.False(await Store.Add(rows[2], default));
        Assert.Null(await Store.Find(rows[2].KeyId, default));
        Assert.True(await Store.Add(rows[3] with { Tenant = "acme" }, default));
        _ = await Store.Revoke(rows[0].KeyId, "default", TimeProvider.System.GetUtcNow(), default);
        Assert.True(await Store.Add(rows[2], default));
    }

    [Fact]
    public async Task Of_many_that_ask_at_once_two_get_a_key()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => Store.Add(ApiKeyTests.Row(ApiKeyText.New("prod"), "many"), default)));
        Assert.Equal(2, taken.Count(one => one));
    }

    [Fact]
    public async Task Another_tenant_neither_sees_nor_ends_a_key()
    {
        var row = ApiKeyTests.Row(ApiKeyText.New("prod"), "b", "red");
        _ = await Store.Add(row, default);
        Assert.Null(await Store.Revoke(row.KeyId, "blue", TimeProvider.System.GetUtcNow(), default));
        Assert.DoesNotContain(await Store.List("blue", default), key => key.KeyId == row.KeyId);
        Assert.Contains(await Store.List("red", default), key => key.KeyId == row.KeyId && key.RevokedAt is null);
    }

    [Fact]
    public async Task When_it_was_seen_is_remembered_and_the_first_end_counts()
    {
        var row = ApiKeyTests.Row(ApiKeyText.New("prod"), "c");
        _ = await Store.Add(row, default);
        var at = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await Store.Touch(new Dictionary<string, DateTimeOffset> { [row.KeyId] = at }, default);
        Assert.Equal(at, (await Store.Find(row.KeyId, default))!.LastUsedAt);
        _ = await Store.Revoke(row.KeyId, "default", at, default);
        Assert.Equal(at, (await Store.Revoke(row.KeyId, "default", at.AddDays(1), default))!.RevokedAt);
    }
}

public sealed class InMemoryApiKeyStoreTests : ApiKeyStoreSuite
{
    protected override IApiKeyStore Store { get; } = new InMemoryApiKeyStore(TimeProvider.System);
}

public sealed class PostgresApiKeyStoreTests(SecurityDatabase database) : ApiKeyStoreSuite, IClassFixture<SecurityDatabase>
{
    protected override IApiKeyStore Store { get; } = new PostgresApiKeyStore(database.Server.Source);
}
