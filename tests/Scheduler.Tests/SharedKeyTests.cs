using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Distribution;
using A2A.Micro.Scheduler.Tasks;
using A2A.Micro.Security;
using A2A.Micro.Security.Encryption;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>Who has a part in the secrets of a task, besides the agent that does it.</summary>
[Trait("Requirement", "43")]
public sealed class SharedKeyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TaskSeal Key = new() { Tenant = "default", TaskId = "p", Kid = "m1", Wrapped = "w" };

    [Theory]
    [InlineData("worker", true)]
    [InlineData("thief", false)]
    [InlineData(null, false)]
    public void A_child_has_a_part_in_them_when_the_agent_of_its_parent_handed_it_in(string? requester, bool shared)
    {
        var parent = new TaskSaga { TaskId = "p", State = TaskState.Running.Word(), AgentId = "worker", Task = new SubmitTask { TaskId = "p", Seal = Key } };
        var (_, word) = Family.Ask(parent, new WatchDependency { TaskId = "p", DependentId = "c", WaitingSince = Now, AsChild = true }, FamilyLimits.Default);
        Assert.Equal("worker", word!.SealedBy);
        var child = new TaskSaga
        {
            TaskId = "c",
            State = TaskState.Blocked.Word(),
            CreatedAt = Now,
            Task = new SubmitTask { TaskId = "c", ParentTaskId = "p", RequesterAgentId = requester },
        };
        Assert.Equal(shared ? Key : null, DependencyVerdicts.OfParent(child, word, Now, TimeSpan.FromMinutes(1)).Seal);
    }

    [Fact]
    public void Nobody_has_a_part_in_them_while_no_agent_does_the_parent()
    {
        var parent = new TaskSaga { TaskId = "p", State = TaskState.Queued.Word(), Task = new SubmitTask { TaskId = "p", Seal = Key } };
        var (_, word) = Family.Ask(parent, new WatchDependency { TaskId = "p", DependentId = "c", WaitingSince = Now, AsChild = true }, FamilyLimits.Default);
        Assert.Equal((null, null), (word!.Seal, word.SealedBy));
    }

    [Fact]
    public void An_answer_that_was_sealed_for_another_task_is_no_answer_to_this_one()
    {
        var file = Path.GetTempFileName(); // readable by its owner alone
        try
        {
            File.WriteAllText(file, $"m1 {Convert.ToBase64String(new byte[32])}\n");
            var vault = KeyVault.Of(file, keepsNothing: false, TimeProvider.System);
            var seals = new OfferSeals(vault, (_, _) => throw new InvalidOperationException("nobody is asked"));
            var (question, open) = (new InputQuestion { Key = "pin", Question = "?" }, new InputQuestion { Key = "pin", Question = "?", Sensitive = true });
            JsonElement Sealed(string task)
            {
                var (key, seal) = TaskKeyring.New(vault.Masters!, "default", task);
                return SealedFields.Seal(JsonElement.Parse("\"1234\""), [""], SealedFields.Input, key, seal);
            }

            var mine = new SubmitTask { TaskId = "mine" };
            _ = Assert.Throws<SecurityBreachException>(() => seals.Taken(mine, question, Sealed("theirs")));
            Assert.Equal("1234", seals.Taken(mine, question, Sealed("mine")).Input.GetString());
            var (kept, made) = seals.Taken(mine, open, Sealed("mine"));
            Assert.Equal("mine", SealedFields.TaskOf(kept));
            Assert.Equal(made, seals.Taken(mine with { Seal = made }, open, JsonElement.Parse("\"1234\"")).Seal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Without_a_key_what_came_in_clear_text_is_refused_and_not_kept()
    {
        var seals = new OfferSeals(KeyVault.Empty, (_, _) => throw new InvalidOperationException("nobody is asked"));
        var task = seals.Taken(new SubmitTask { TaskId = "t", Parameters = JsonElement.Parse("""{"a":"secret"}"""), Sensitive = ["/a"] });
        Assert.Null(task.Parameters);
        Assert.Equal(Verdict.Reject, seals.Objection(task)!.Verdict);
        Assert.Null(seals.Objection(new SubmitTask { TaskId = "t" }));
    }
}
