using A2A.Micro.Security.Identity;

namespace A2A.Micro.Security.Tests;

/// <summary>The life of a key over HTTP.</summary>
public sealed class KeyTests(SecureHost host) : IClassFixture<SecureHost>
{
    [Fact]
    public async Task A_key_is_shown_once_works_and_ends()
    {
        var key = await host.NewKey("lives");
        Assert.Equal(200, await Try(key));
        using var list = await host.Send(HttpMethod.Get, "/v1/keys", host.AdminKey.Show());
        var text = await list.Content.ReadAsStringAsync();
        Assert.DoesNotContain(ApiKeyText.Parse(key)!.Secret, text, StringComparison.Ordinal);
        Assert.Contains(ApiKeyText.Parse(key)!.KeyId, text, StringComparison.Ordinal);
        using var ended = await host.Send(HttpMethod.Delete, "/v1/keys/" + ApiKeyText.Parse(key)!.KeyId, host.AdminKey.Show());
        Assert.Equal(200, (int)ended.StatusCode);
        Assert.Equal(401, await Try(key));
    }

    [Fact]
    [Trait("Requirement", "44")]
    public async Task A_key_takes_the_place_of_another_under_load_and_nothing_is_refused()
    {
        var current = await host.NewKey("changes");
        var (stop, refused, accepted, sent) = (false, new List<string>(), new List<string>(), new int[4]);
        var load = Task.WhenAll(Enumerable.Range(0, sent.Length).Select(async part =>
        {
            for (var i = 0; !Volatile.Read(ref stop); i++)
            {
                using var reply = await host.Send(
                    HttpMethod.Post, "/v1/tasks", Volatile.Read(ref current), new { task_id = $"rotation-{part}-{i}", task_type = "test.work" });
                lock (accepted) { (reply.StatusCode == System.Net.HttpStatusCode.Accepted ? accepted : refused).Add($"rotation-{part}-{i}"); }
                Volatile.Write(ref sent[part], i + 1);
            }
        }));
        for (var i = 0; i < 5; i++)
        {
            var old = current;
            Volatile.Write(ref current, await host.NewKey("changes"));
            // Whoever was sending with the old one has its answer, and has sent one more with the new one.
            var before = sent.ToArray();
            await Eventually.True(() => sent.Zip(before).All(pair => pair.First >= pair.Second + 2), "work goes on");
            using var ended = await host.Send(HttpMethod.Delete, "/v1/keys/" + ApiKeyText.Parse(old)!.KeyId, host.AdminKey.Show());
            Assert.Equal(200, (int)ended.StatusCode);
            Assert.Equal(401, await Try(old));
        }

        Volatile.Write(ref stop, true);
        await load;
        Assert.Empty(refused);
        foreach (var id in accepted)
        {
            using var read = await host.Send(HttpMethod.Get, $"/v1/tasks/{id}?wait=20", current);
            Assert.Equal("completed", (await SecureHost.Json(read)).GetProperty("state").GetString());
        }
    }

    [Fact]
    public async Task A_third_key_of_a_principal_is_refused_until_one_has_ended()
    {
        var first = await host.NewKey("rotates");
        _ = await host.NewKey("rotates");
        using var third = await host.Send(HttpMethod.Post, "/v1/keys", host.AdminKey.Show(), new { subject = "rotates", role = "viewer" });
        Assert.Equal(409, (int)third.StatusCode);
        using var ended = await host.Send(HttpMethod.Delete, "/v1/keys/" + ApiKeyText.Parse(first)!.KeyId, host.AdminKey.Show());
        _ = await host.NewKey("rotates");
    }

    [Fact]
    public async Task Nobody_gives_a_key_more_than_its_own_nor_to_another_tenant()
    {
        var operators = await host.NewKey("op", "operator");
        using var more = await host.Send(HttpMethod.Post, "/v1/keys", operators, new { subject = "x", role = "admin" });
        Assert.Equal(403, (int)more.StatusCode);
        using var elsewhere = await host.Send(HttpMethod.Post, "/v1/keys", operators, new { subject = "x", role = "viewer", tenant = "acme" });
        Assert.Equal(403, (int)elsewhere.StatusCode);
        var acme = await host.NewKey("chief", "admin", "acme");
        using var outside = await host.Send(HttpMethod.Post, "/v1/keys", acme, new { subject = "x", role = "viewer", tenant = "default" });
        Assert.Equal(403, (int)outside.StatusCode);
    }

    [Theory]
    [InlineData("{}", "#/subject")]
    [InlineData("""{"subject":"a b","role":"viewer"}""", "#/subject")]
    [InlineData("""{"subject":"a","role":"king"}""", "#/role")]
    [InlineData("""{"subject":"a","scopes":["tasks:everything"]}""", "#/scopes")]
    [InlineData("""{"subject":"a","role":"viewer","tenant":"A@b"}""", "#/tenant")]
    [InlineData("""{"subject":"a","role":"viewer","expires_in_days":0}""", "#/expires_in_days")]
    [InlineData("""{"subject":"a","role":"viewer","secret":"mine"}""", "#/secret")]
    public async Task What_is_wrong_with_a_key_is_said_with_its_field(string body, string pointer)
    {
        using var reply = await host.Send(HttpMethod.Post, "/v1/keys", host.AdminKey.Show(), System.Text.Json.JsonElement.Parse(body));
        Assert.Equal(400, (int)reply.StatusCode);
        Assert.Contains(pointer, await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_another_installation_is_refused()
    {
        var key = await host.NewKey("moves");
        Assert.Equal(401, await Try(key.Replace("a2a_prod_", "a2a_test_", StringComparison.Ordinal)));
        Assert.Equal(401, await Try(key[..^1] + (key[^1] == 'A' ? 'E' : 'A')));
    }

    private async Task<int> Try(string key)
    {
        using var reply = await host.Send(HttpMethod.Get, "/v1/tasks", key);
        return (int)reply.StatusCode;
    }
}
