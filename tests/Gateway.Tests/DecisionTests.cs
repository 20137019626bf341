using A2A.Micro.Contracts.Audit;
using A2A.Micro.Contracts.Wire;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

/// <summary>What services decide by themselves stands in the audit of whoever it concerns.</summary>
[Trait("Requirement", "62")]
public sealed class DecisionTests
{
    [Fact]
    public async Task A_decision_of_a_service_is_a_row_under_the_name_that_its_tenant_knows()
    {
        await using var host = await GatewayHost.Start();
        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Audit));
        var said = new NoteDecision
        {
            At = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero),
            Actor = "resource-manager",
            Action = "preemptTask",
            TaskId = "task-1",
            Attempt = 2,
            AgentId = "a",
            Reason = "makes room",
        };
        await endpoint.Send(said);
        await endpoint.Send(said with { Action = "holdAgent", TaskId = null, Attempt = null });
        // Delivered again, as after a connection that broke before the message was given up.
        var again = Guid.CreateVersion7(said.At);
        for (var n = 0; n < 3; n++) { await endpoint.Send(said with { Action = "quarantineAgent", TaskId = null }, context => context.MessageId = again); }
        await endpoint.Send(said with { Action = "cordonAgent", TaskId = null });
        var rows = await Eventually.Seen(async _ => await (await host.Get("/v1/audit?limit=200")).Json(),
            seen => Actions(seen).Contains("holdAgent") && Actions(seen).Contains("preemptTask") && Actions(seen).Contains("cordonAgent"),
            "all are sealed");
        Assert.Single(Actions(rows), action => action == "quarantineAgent");
        var all = rows.GetRawText();
        Assert.Contains("\"task-1\"", all, StringComparison.Ordinal);
        Assert.Contains("\"resource-manager\"", all, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string?> Actions(System.Text.Json.JsonElement page) =>
        [.. page.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("action").GetString())];
}
