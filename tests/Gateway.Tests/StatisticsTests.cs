namespace A2A.Micro.Gateway.Tests;

/// <summary>All tasks in figures.</summary>
[Trait("Requirement", "99")]
public sealed class StatisticsTests
{
    [Fact]
    public async Task The_figures_are_those_of_StateSync()
    {
        await using var host = await GatewayHost.Start();
        using var reply = await host.Get("/v1/stats");
        var stats = await reply.Json();
        Assert.Equal(3, stats.GetProperty("open").GetProperty("running").GetInt64());
        Assert.Equal(60, stats.GetProperty("ended")[0].GetProperty("seconds").GetInt32());
    }

    [Fact]
    public async Task Without_StateSync_they_cannot_be_had()
    {
        await using var host = await GatewayHost.Start();
        host.Neighbours.StatesDown = true;
        using var reply = await host.Get("/v1/stats");
        await reply.Problem(503, "COM002");
    }
}
