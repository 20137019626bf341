namespace A2A.Micro.Testing.Tests;

public sealed class ServerTests(PostgresServer postgres, RabbitBroker broker)
    : IClassFixture<PostgresServer>, IClassFixture<RabbitBroker>
{
    [Fact]
    public async Task A_fixture_has_a_database_of_its_own()
    {
        Assert.StartsWith("a2a_test_", await postgres.Read<string>("SELECT current_database()::text"), StringComparison.Ordinal);
        await postgres.Execute("CREATE TABLE kept (id int)");
        Assert.Equal(0L, await postgres.Read<long>("SELECT count(*) FROM kept"));
    }

    [Fact]
    public async Task The_server_forgets_nothing_that_it_confirmed() => Assert.Equal("on", await postgres.Read<string>("SHOW fsync"));

    [Fact]
    public async Task A_fixture_has_a_virtual_host_of_its_own()
    {
        var hosts = await RabbitBroker.Control("list_vhosts", "--no-table-headers");
        Assert.Contains(broker.VirtualHost, hosts.Split('\n'));
        Assert.StartsWith("a2a-test-", broker.VirtualHost, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_server_is_a_failure_that_says_what_to_run()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => TestServers.Require("A2A_TEST_NO_SUCH_SERVER"));
        Assert.Contains("./test.sh", failure.Message, StringComparison.Ordinal);
    }
}
