using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;

namespace A2A.Micro.ResourceManager.Tests;

public sealed partial class ModuleTests
{
    [Fact]
    public async Task A_claim_that_is_granted_at_once_is_kept_by_its_reservation_alone_and_answered_the_same_after_a_restart()
    {
        var announced = Announcement("plain-1", incarnation: 1) with { Capabilities = [new AgentCapability { TaskType = "plain.*" }] };
        var claim = Allocate("plain") with { TaskType = "plain.work" };
        for (var life = 1; life <= 2; life++)
        {
            await using var host = await Running.Start(StoreKind.Postgres, database.Server.ConnectionString);
            if (life == 1) { await host.Send(Endpoints.Agents, announced); }
            // Before it is known the claim would wait, and a claim that waited is stored.
            _ = await Eventually.Seen(limit => database.Server.Read<long>(
                "SELECT count(*) FROM resource_manager.agent WHERE id = 'plain-1'", limit), count => count == 1, "the agent is known");
            await host.Send(Endpoints.Allocations, claim);
            Assert.Equal("plain-1", (await host.Hears<ResourcesAllocated>(said => said.TaskId == "plain")).AgentId);
            if (life == 2) { await host.Send(Endpoints.Allocations, new ReleaseResources { TaskId = "plain", Attempt = 1 }); }
            var wanted = life == 1 ? "NULL" : "NOT NULL";
            _ = await Eventually.Seen(limit => database.Server.Read<long>(
                "SELECT count(*) FROM resource_manager.reservation WHERE task_id = 'plain' AND released_at IS " + wanted, limit), count => count == 1,
                "the reservation is as it should be");
        }

        Assert.Equal(0, await database.Server.Read<long>("SELECT count(*) FROM resource_manager.allocation_saga WHERE task_id = 'plain'"));
    }
}
