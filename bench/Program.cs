using A2A.Micro.Bench;
using A2A.Micro.Bench.Bus;
using A2A.Micro.Bench.Json;
using A2A.Micro.Bench.Line;
using A2A.Micro.Bench.Reads;
using A2A.Micro.Gateway;
using A2A.Micro.ResourceManager;
using A2A.Micro.Scheduler;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.StateSync;

await (args switch
{
    ["agent", .. var settings] => MicroHost.Run(settings, NoopAgent.Module()),
    ["embedded", .. var settings] => MicroHost.RunInMemory(
        settings,
        new SchedulerModule(), new ResourceManagerModule(), new StateSyncModule(), new GatewayModule(), NoopAgent.Module()),
    ["simulate", .. var folder] => SimulationRun.Run(folder.FirstOrDefault()),
    ["pool", .. var part] => PoolRun.Run(part.FirstOrDefault()),
    ["lists", .. var count] => ListRun.Run(count.FirstOrDefault()),
    ["watchers", .. var count] => WatcherRun.Run(count.FirstOrDefault()),
    ["changes"] => ChangeRun.Run(),
    ["json"] => JsonRun.Run(),
    ["compression"] => CompressionRun.Run(),
    _ => Benchmark.Run(args),
});
