using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Contracts.Tests;

/// <summary>What a task gets where its submission says nothing (requirements 85, 98, 94).</summary>
[Trait("Requirement", "85")]
[Trait("Requirement", "98")]
public sealed class TaskTypeProfileTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("simple.greeting", 2, 300)]
    [InlineData("standard.report", 2, 1800)]
    [InlineData("complex.model", 2, 14_400)]
    [InlineData("background.cleanup", 1, 86_400)]
    [InlineData("background.cleanup@2", 1, 86_400)]
    public void The_class_of_a_name_gives_priority_deadline_and_resources(string type, int priority, int seconds)
    {
        var task = TaskRules.Normalise(new SubmitTask { TaskId = "1", TaskType = type }, Now);

        Assert.Equal((priority, Now.AddSeconds(seconds)), (task.Priority, task.Deadline));
        Assert.NotNull(task.Requirements);
    }

    [Theory]
    [InlineData("simple")]
    [InlineData("simply.greeting")]
    [InlineData("data.simple")]
    public void Other_names_get_nothing_but_medium(string type)
    {
        var task = TaskRules.Normalise(new SubmitTask { TaskId = "1", TaskType = type }, Now);
        Assert.Equal((2, null, null), (task.Priority, task.Deadline, task.Requirements));
    }

    [Fact]
    public void What_the_task_says_wins()
    {
        var said = new SubmitTask
        {
            TaskId = "1",
            TaskType = "background.cleanup",
            Priority = 4,
            Deadline = Now.AddSeconds(7),
            Requirements = new Requirements { CpuCores = 3 },
        };
        var task = TaskRules.Normalise(said, Now);
        Assert.Equal((said.Priority, said.Deadline, said.Requirements), (task.Priority, task.Deadline, task.Requirements));
    }

    [Fact]
    public void What_waits_for_others_or_for_its_time_has_its_timeout_from_when_it_may_start()
    {
        var plain = new SubmitTask { TaskId = "1", TaskType = "simple.greeting" };
        foreach (var waiting in new[] { plain with { NotBefore = Now.AddDays(9) }, plain with { Dependencies = [new Dependency { TaskId = "2" }] } })
        {
            var task = TaskRules.Normalise(waiting, Now);
            Assert.Equal((null, 300.0), (task.Deadline, task.TimeoutS));
            Assert.Equal(task, TaskRules.Normalise(task, Now));
            Assert.Empty(TaskRules.Check(task, Now));
        }

        Assert.Null(TaskRules.Normalise(plain with { NotBefore = Now.AddDays(9), Deadline = Now.AddDays(10) }, Now).TimeoutS);
        Assert.Null(TaskRules.Normalise(plain with { TimeoutS = 7 }, Now).Deadline);
    }

    [Fact]
    public void Filling_in_twice_is_filling_in_once() => Prop.ForAll(
        ArbMap.Default.ArbFor<(int, int, bool, bool)>(),
        ((int Priority, int Timeout, bool Needs, bool Tries) any) =>
        {
            var profile = new TaskTypeProfile
            {
                Priority = (any.Priority & 3) + 1,
                TimeoutS = (any.Timeout & 0xffff) + 1.5,
                Requirements = any.Needs ? new Requirements { CpuCores = 1 } : null,
                Retry = any.Tries ? new RetryRule { MaxAttempts = 2, NonRetryableCodes = ["X"] } : null,
            };
            var once = profile.Complete(new SubmitTask { TaskId = "1", TaskType = "complex.x" }, Now);
            var normal = TaskRules.Normalise(once, Now);
            return once == profile.Complete(once, Now.AddHours(1)) && normal == TaskRules.Normalise(normal, Now)
                && once.Deadline == normal.Deadline;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_first_source_that_says_something_wins_part_by_part()
    {
        var first = new TaskTypeProfile { Priority = 4, Retry = new RetryRule { MaxAttempts = 7 } };
        var second = new TaskTypeProfile { Priority = 1, TimeoutS = 9, Retry = new RetryRule { MaxAttempts = 1, Jitter = 0 } };
        Assert.Equal(
            new TaskTypeProfile { Priority = 4, TimeoutS = 9, Retry = new RetryRule { MaxAttempts = 7, Jitter = 0 } }, first.Or(second));
    }

    [Theory]
    [InlineData("data.analysis@2", true)]
    [InlineData("data.analysis@1.4-beta", true)]
    [InlineData("data.analysis@", false)]
    [InlineData("data.analysis@2@3", false)]
    [InlineData("@2", false)]
    [InlineData("data.analysis@a b", false)]
    public void A_type_may_carry_one_version(string type, bool allowed) => Assert.Equal(allowed, TaskRules.IsTaskType(type));

    [Fact]
    public void Versions_stand_in_the_order_of_people()
    {
        string?[] versions = [null, "1", "1.9", "1.10", "2", "2-a", "2-b", "10"];
        Assert.Equal(versions, versions.Reverse().Order(Comparer<string?>.Create(TaskTypeName.CompareVersions)));
    }

    [Fact]
    public void A_schema_says_what_the_wire_says()
    {
        var schema = WireSchema.Of(typeof(SubmitTask), WireJson.Options).GetProperty("properties");
        Assert.Equal("date-time", schema.GetProperty("deadline").GetProperty("format").GetString());
        Assert.Contains("competitive", schema.GetProperty("mode").GetProperty("enum").EnumerateArray().Select(word => word.GetString()));
        Assert.False(schema.TryGetProperty("TaskId", out _));
    }
}
