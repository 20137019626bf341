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
        var rows = await Eventually.Seen(async _ => await (await host.Get("/v1/audit?limit=200")).Json(),
            seen => seen.GetRawText().Contains("holdAgent", StringComparison.Ordinal) && seen.GetRawText().Contains("preemptTask", StringComparison.Ordinal),
            "both are sealed");
        var all = rows.GetRawText();
        Assert.Contains("\"task-1\"", all, StringComparison.Ordinal);
        Assert.Contains("\"resource-manager\"", all, StringComparison.Ordinal);
    }
}
