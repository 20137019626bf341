using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;

namespace A2A.Micro.Gateway.Tests;

internal sealed class FakeStatistics(Neighbours neighbours) : ISystemStatistics
{
    public Task<IReadOnlyDictionary<string, long>> OpenByTenant(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<string, long>>(new Dictionary<string, long> { ["default"] = 3 });

    public Task<SystemStatistics> Read(CancellationToken cancellation) => neighbours.StatesDown
        ? throw new ProtocolException(ErrorKind.Connection, "The history of tasks cannot be read at the moment; try again.")
        : Task.FromResult(new SystemStatistics
        {
            At = DateTimeOffset.UnixEpoch,
            Open = new Dictionary<string, long> { ["running"] = 3 },
            Waiting = 1,
            Ended = [new EndedWindow { Seconds = 60, Count = new Dictionary<string, long> { ["completed"] = 6 }, PerSecond = 0.1 }],
            Sampled = 6,
            Stages = new StageFigures { TotalS = new DurationFigures { P05 = 1, P50 = 2, P95 = 3, P99 = 4 } },
            Types =
            [
                new ShareFigures { Name = "data.analysis", Waiting = 1, Running = 3, Ended = 6, Completed = 6, Failed = 0, Rejected = 0, SuccessRate = 1 },
            ],
            Agents = [],
        });
}
