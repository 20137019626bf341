using A2A.Micro.Security.Identity;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Security.Tests;

/// <summary>The text of keys, and what is kept of them.</summary>
public sealed class ApiKeyTests
{
    [Fact]
    public void A_key_reads_back_as_it_is_shown()
    {
        var key = ApiKeyText.New("prod");
        Assert.Matches("^a2a_prod_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$", key.Show());
        Assert.Equal(key, ApiKeyText.Parse(key.Show()));
        Assert.DoesNotContain(key.Secret, key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_with_one_character_more_less_or_other_is_another_key_or_none() => Prop.ForAll(
        Gen.Choose(0, 72).ToArbitrary(), Gen.Elements('!', 'A', 'z', '0', '_', ' ').ToArbitrary(), (at, other) =>
        {
            var key = ApiKeyText.New("prod");
            var text = key.Show();
            var place = at % text.Length;
            var row = Row(key);
            return new[] { text.Remove(place, 1), text.Insert(place, other.ToString()), text[..place] + other + text[(place + 1)..] }
                .Where(changed => changed != text)
                .All(changed => ApiKeyText.Parse(changed) is not { } read
                    || read.Environment != key.Environment || read.KeyId != key.KeyId || !row.Fits(read));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_key_is_good_until_it_is_revoked_or_its_time_is_over()
    {
        var now = TimeProvider.System.GetUtcNow();
        var row = Row(ApiKeyText.New("prod"));
        Assert.True(row.IsActive(now));
        Assert.True((row with { NotAfter = now.AddSeconds(1) }).IsActive(now));
        Assert.False((row with { NotAfter = now }).IsActive(now));
        Assert.False((row with { RevokedAt = now.AddDays(-1) }).IsActive(now));
    }

    internal static ApiKeyRow Row(ApiKeyText key, string subject = "alice", string tenant = "default") => new()
    {
        KeyId = key.KeyId,
        SecretHash = key.Hash(),
        Subject = subject,
        Tenant = tenant,
        Scopes = Scopes.TasksRead,
        CreatedAt = TimeProvider.System.GetUtcNow(),
    };
}
