using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.DataAnalysis;
using A2A.Micro.FileConversion;
using A2A.Micro.ImageGeneration;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Agents.Tests;

public sealed class HostTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task All_three_live_in_one_host_and_do_their_work()
    {
        string[] args = ["--Agent:DataRoot=" + folder.Data, "--Agent:OutputRoot=" + folder.Out, "--urls=http://127.0.0.1:0"];
        await using var host = MicroHost.Build(
            args, TransportKind.InMemory, StoreKind.InMemory,
            [DataAnalysisAgent.Module(), FileConversionAgent.Module(), ImageGenerationAgent.Module()]);
        var results = new Results();
        var bus = host.Services.GetRequiredService<IBus>();
        _ = bus.ConnectSendObserver(results);
        await host.StartAsync();
        _ = await Eventually.Seen(
            _ => Task.FromResult(results.Announced), seen => seen == 3, "three agents announced themselves");
        _ = folder.Put("a.csv", "a\n1\n2\n");
        await Offer(bus, "data-analysis-01", "data.analysis", new { dataset_path = "a.csv", analysis_type = "trend_analysis" });
        await Offer(bus, "file-conversion-01", "file.conversion", new { source_path = "a.csv", target_format = "json" });
        await Offer(bus, "image-generation-01", "image.generation", new { resolution = "64x64", prompt = "x" });
        await Eventually.True(() => results.All.Count == 3, "three results", () => string.Join('\n', results.All));
        Assert.All(results.All, result => Assert.Equal(TaskState.Completed, result.Status));
        await host.StopAsync();
    }

    private static async Task Offer(IBus bus, string agent, string type, object parameters)
    {
        var target = await bus.GetSendEndpoint(Endpoints.Address(Endpoints.Agent(agent)));
        await target.Send(new OfferTask
        {
            TaskId = "task-" + type,
            Attempt = 1,
            AgentId = agent,
            TaskType = type,
            Parameters = JsonSerializer.SerializeToElement(parameters),
            OfferedUntil = TimeProvider.System.GetUtcNow().AddMinutes(1),
        });
    }

    private sealed class Results : ISendObserver
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<object> sent = [];

        public IReadOnlyList<TaskResult> All => [.. sent.OfType<TaskResult>()];

        public int Announced => sent.OfType<Contracts.Agents.AnnounceAgent>().Count();

        public Task PreSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

        public Task PostSend<T>(SendContext<T> context) where T : class
        {
            sent.Enqueue(context.Message);
            return Task.CompletedTask;
        }

        public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => Task.CompletedTask;
    }
}
