namespace A2A.Micro.System.Tests;

/// <summary>Three agents that draw, two that analyse, and a lease short enough to wait for: the system that most tests share.</summary>
public sealed class Studio : IAsyncLifetime
{
    /// <summary>The collection of the tests that share it; they run one after the other.</summary>
    public const string Name = "studio";

    /// <summary>The GPUs that every agent says it has; only who asks for them is asked about them.</summary>
    public static IReadOnlyList<string> Gpus { get; } = ["gpu-0", "gpu-1"];

    /// <summary>The processes.</summary>
    public RunningSystem System { get; private set; } = null!;

    /// <inheritdoc />
    public async Task InitializeAsync() => System = await RunningSystem.Start(new SystemPlan
    {
        Agents =
        [
            new("ImageGeneration", "painter-a"), new("ImageGeneration", "painter-b"), new("ImageGeneration", "painter-c"),
            new("DataAnalysis", "analyst-a"), new("DataAnalysis", "analyst-b"),
        ],
        Lease = TimeSpan.FromSeconds(6),
        Settings = new Dictionary<string, string>
        {
            ["A2A__Webhooks__AllowPrivate"] = "true",
            ["A2A__Webhooks__Timeout"] = "00:00:05",
            ["Agent__GpuIds"] = string.Join(',', Gpus),
        },
    });

    /// <inheritdoc />
    public async Task DisposeAsync() => await System.DisposeAsync();
}

/// <summary>Binds <see cref="Studio"/> to its collection.</summary>
[CollectionDefinition(Studio.Name)]
public sealed class StudioCollection : ICollectionFixture<Studio>;

/// <summary>Tests that live in the studio and leave it as they found it, whichever way they end.</summary>
[Collection(Studio.Name)]
public abstract class StudioTests(Studio studio) : IAsyncLifetime
{
    /// <summary>The processes, all of them alive when a test begins.</summary>
    protected RunningSystem System => studio.System;

    /// <inheritdoc />
    public Task InitializeAsync() => System.MakeWhole();

    /// <inheritdoc />
    public Task DisposeAsync() => Task.CompletedTask;
}
