using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Tests;

public sealed class QuantitiesTests
{
    [Fact]
    public void A_task_without_requirements_takes_just_its_slot() =>
        Assert.Equal(new Quantities(1, 0, 0, 0, 0), Quantities.From(new Requirements()));

    [Fact]
    public void Wishes_are_rounded_up_and_capacities_down()
    {
        Assert.Equal(
            new Quantities(1, 100, 1537, 1, 2),
            Quantities.From(new Requirements { CpuCores = 0.1, MemoryGb = 1.5001, StorageGb = 0.0001, GpuUnits = 2 }));
        Assert.Equal(
            new Quantities(3, 100, 1536, 0, 0),
            Quantities.From(new AgentCapacity { Slots = 3, CpuCores = 0.1009, MemoryGb = 1.5009, StorageGb = 0.0001 }));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1)]
    [InlineData(1e300)]
    public void An_absurd_amount_is_refused_and_not_wrapped_round(double cores) =>
        Assert.Equal(ErrorKind.Validation,
            Assert.Throws<ProtocolException>(() => Quantities.From(new Requirements { CpuCores = cores })).Kind);

    [Fact]
    public void Resources_are_named_by_agent_and_kind_in_outside_units()
    {
        var resources = new Quantities(1, 1500, 512, 0, 2).On("worker-1", []);

        Assert.Equal(["worker-1/slot=1", "worker-1/cpu=1.5", "worker-1/memory=0.5", "worker-1/gpu=2"],
            resources.Select(resource => $"{resource.ResourceId}={resource.Amount}"));
    }

    [Fact]
    public void Devices_with_names_are_named_one_by_one() => Assert.Equal(
        ["worker-1/slot ", "worker-1/gpu/0 0", "worker-1/gpu/3 3"],
        new Quantities(1, 0, 0, 0, 2).On("worker-1", ["0", "3"]).Select(resource => $"{resource.ResourceId} {resource.DeviceId}"));

    [Fact]
    public void The_bound_on_how_many_fit_agrees_with_the_fit_function()
    {
        var room = new Quantities(5, 4000, 1000, 0, 1);
        var one = new Quantities(1, 1500, 10, 0, 0);

        Assert.Equal(2, one.TimesIn(room));
        Assert.Equal(0, new Quantities(1, 0, 0, 1, 0).TimesIn(room));
        Assert.True(new Quantities(2, 3000, 20, 0, 0).FitsIn(room));
        Assert.False(new Quantities(3, 4500, 30, 0, 0).FitsIn(room));
    }
}
