using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace A2A.Micro.AgentSdk.Tests;

/// <summary>Labels and named devices: what an agent says of itself, and what its handlers get.</summary>
public sealed class PlacementTests
{
    [Fact]
    public async Task Labels_and_devices_are_announced_and_the_operator_has_the_last_word()
    {
        var voice = new RecordingVoice();
        using var agent = Agent(voice, new AgentOptions { Labels = "zone=us, rack=7", GpuIds = "GPU-1,GPU-2" });

        await agent.Announce(CancellationToken.None);

        var said = Assert.Single(voice.Heard<AnnounceAgent>());
        Assert.Equal(["rack=7", "tier=gold", "zone=us"],
            said.Labels!.Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(["GPU-1", "GPU-2"], said.Capacity.GpuIds);
        Assert.Equal(2, said.Capacity.GpuUnits);
    }

    [Fact]
    public async Task Without_a_word_of_the_operator_the_program_counts()
    {
        var voice = new RecordingVoice();
        using var agent = Agent(voice, new AgentOptions());

        await agent.Announce(CancellationToken.None);

        var said = Assert.Single(voice.Heard<AnnounceAgent>());
        Assert.Equal("eu", said.Labels!["zone"]);
        Assert.Equal(["0"], said.Capacity.GpuIds);
    }

    [Fact]
    public async Task A_handler_and_its_children_see_the_devices_of_the_attempt_and_no_others()
    {
        var seen = new TaskCompletionSource<(string Gpus, string? Inherited)>();
        var world = new World((_, context) =>
        {
            var child = new ProcessStartInfo("nothing");
            child.Environment["CUDA_VISIBLE_DEVICES"] = "all";
            context.ShareDevices(child);
            seen.SetResult((string.Join(' ', context.GpuIds), child.Environment["CUDA_VISIBLE_DEVICES"]));
            return Task.FromResult(new Answer(""));
        });

        await world.Give(world.Offer() with { GpuIds = ["1", "3"] });
        Assert.Equal(("1 3", "1,3"), await seen.Task);

        seen = new TaskCompletionSource<(string, string?)>();
        await world.Give(world.Offer("task-2"));
        Assert.Equal(("", ""), await seen.Task);
    }

    [Theory]
    [InlineData("zone", "")]
    [InlineData("a b=c", "")]
    [InlineData("a2a.version=3", "")]
    [InlineData("", "0,0")]
    [InlineData("", "a/b")]
    public void A_list_that_is_none_refuses_to_start_and_names_its_variable(string labels, string devices)
    {
        var options = new AgentOptions { Labels = labels, GpuIds = devices };
        var wrong = Assert.Single(options.Validate(new ValidationContext(options)));
        Assert.StartsWith(labels.Length > 0 ? "Agent__Labels" : "Agent__GpuIds", wrong.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_cannot_say_what_is_none()
    {
        Assert.Throws<ArgumentException>(() => new AgentBuilder().Label("a2a.version", "1"));
        Assert.Throws<ArgumentException>(() => new AgentBuilder().Label("zone", "e u"));
        Assert.Throws<ArgumentException>(() => new AgentBuilder().Gpus("0", "0"));
    }

    private static AgentRuntime Agent(RecordingVoice voice, AgentOptions options) => new(
        new AgentBuilder().Gpus("0").Capacity(2, 4).Label("zone", "eu").Label("tier", "gold")
            .Handle<Job, Answer>("test.work", World.Endless).Build("agent-1"),
        options, voice, new ServiceCollection().BuildServiceProvider(), new ManualClock(), NullLogger.Instance);
}
