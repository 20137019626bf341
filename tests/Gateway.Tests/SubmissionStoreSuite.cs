using System.Text;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Batches;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Gateway.Workflows;
using A2A.Micro.Persistence.Outbox;

namespace A2A.Micro.Gateway.Tests;

/// <summary>What every store of submissions does, wherever it keeps them.</summary>
public abstract class SubmissionStoreSuite
{
    private static readonly DateTimeOffset At = new(2026, 3, 21, 15, 0, 0, 123, TimeSpan.Zero);

    protected abstract ISubmissionStore Store { get; }

    /// <summary>Ids of the commands that left, once everything accepted so far has left.</summary>
    protected abstract Task<IReadOnlyList<string>> Sent(int atLeast);

    /// <summary>Makes every key 24 hours older.</summary>
    protected abstract Task AgeKeys();

    protected static NewSubmission Submission(string taskId, string body = "body", string? key = null)
    {
        var hash = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(body));
        var row = new SubmissionRow
        {
            TaskId = taskId,
            BodyHash = hash,
            Task = "{}",
            CreatedAt = At,
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };
        var command = new SubmitTask { TaskId = taskId, TaskType = "a" };
        return new NewSubmission(row, key, Outgoing.Command(Endpoints.Tasks, command, TimeProvider.System));
    }

    protected Task<Acceptance> Accept(NewSubmission submission) => Store.Accept(submission, CancellationToken.None);

    [Fact]
    public async Task A_new_submission_is_taken_found_and_sent()
    {
        var taken = Assert.IsType<Acceptance.Taken>(await Accept(Submission("t")));
        var found = await Store.Find("t", CancellationToken.None);
        foreach (var row in new[] { taken.Submission, found! })
        {
            Assert.Equal(("t", "{}", At), (row.TaskId, row.Task, row.CreatedAt));
            Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", row.TraceParent);
        }

        Assert.Equal(["t"], await Sent(1));
        Assert.Null(await Store.Find("u", CancellationToken.None));
    }

    [Fact]
    public async Task The_same_id_and_body_is_a_repeat_and_another_body_a_conflict()
    {
        await Accept(Submission("t"));
        Assert.Equal("t", Assert.IsType<Acceptance.Repeated>(await Accept(Submission("t"))).Submission.TaskId);
        Assert.Equal(new Acceptance.Conflicts("t"), await Accept(Submission("t", "other")));
        await Accept(Submission("last"));
        Assert.Equal(["t", "last"], await Sent(2));
    }

    [Fact]
    public async Task The_same_key_and_body_is_a_replay_of_the_first_id_and_another_body_is_refused()
    {
        await Accept(Submission("first", key: "k"));
        Assert.Equal("first", Assert.IsType<Acceptance.Replayed>(await Accept(Submission("second", key: "k"))).Submission.TaskId);
        Assert.Equal(new Acceptance.KeyReused("k"), await Accept(Submission("third", "other", "k")));
        Assert.Null(await Store.Find("second", CancellationToken.None));
        Assert.Null(await Store.Find("third", CancellationToken.None));
        await Accept(Submission("last"));
        Assert.Equal(["first", "last"], await Sent(2));
    }

    [Fact]
    public async Task A_conflict_does_not_hold_its_key()
    {
        await Accept(Submission("t"));
        Assert.IsType<Acceptance.Conflicts>(await Accept(Submission("t", "other", "k")));
        Assert.IsType<Acceptance.Taken>(await Accept(Submission("u", "third", "k")));
    }

    [Fact]
    public async Task A_repeat_by_id_holds_its_key()
    {
        await Accept(Submission("t"));
        Assert.IsType<Acceptance.Repeated>(await Accept(Submission("t", key: "k")));
        Assert.Equal("t", Assert.IsType<Acceptance.Replayed>(await Accept(Submission("made", key: "k"))).Submission.TaskId);
    }

    [Fact]
    public async Task A_key_is_worth_nothing_after_a_day()
    {
        await Accept(Submission("old", key: "k"));
        await AgeKeys();
        Assert.IsType<Acceptance.Taken>(await Accept(Submission("new", "other", "k")));
        Assert.Equal("new", Assert.IsType<Acceptance.Replayed>(await Accept(Submission("x", "other", "k"))).Submission.TaskId);
    }

    [Fact]
    public async Task Old_keys_are_purged_and_young_ones_kept()
    {
        foreach (var i in Enumerable.Range(0, 5)) { await Accept(Submission($"old-{i}", key: $"old-{i}")); }
        await AgeKeys();
        await Accept(Submission("young", key: "young"));
        Assert.Equal(3, await Store.PurgeKeys(3, CancellationToken.None));
        Assert.Equal(2, await Store.PurgeKeys(3, CancellationToken.None));
        Assert.IsType<Acceptance.Replayed>(await Accept(Submission("x", key: "young")));
    }

    [Fact]
    public async Task Old_submissions_are_forgotten_a_step_at_a_time()
    {
        foreach (var i in Enumerable.Range(0, 5)) { await Accept(Submission($"gone-{i}")); }
        Assert.Equal(0, await Store.PurgeSubmissions(TimeSpan.FromDays(100_000), 3, CancellationToken.None));
        Assert.Equal(3, await Store.PurgeSubmissions(TimeSpan.FromDays(-100_000), 3, CancellationToken.None));
        Assert.Equal(2, await Store.PurgeSubmissions(TimeSpan.FromDays(-100_000), 3, CancellationToken.None));
        Assert.Null(await Store.Find("gone-0", CancellationToken.None));
    }

    [Fact]
    public async Task Of_many_at_once_the_first_of_each_id_and_each_key_is_taken()
    {
        var byId = Enumerable.Range(0, 200).Select(i => Submission($"id-{i % 20}"));
        var byKey = Enumerable.Range(0, 200).Select(i => Submission($"made-{i}", "body", $"key-{i % 20}"));
        var both = Enumerable.Range(0, 40).Select(i => Submission($"id-{i % 20}", "body", $"key-{(i + 7) % 20}"));
        var answers = await Task.WhenAll(byId.Concat(byKey).Concat(both).OrderBy(item => item.Command.Id.GetHashCode()).Select(Accept));

        var taken = answers.OfType<Acceptance.Taken>().Select(answer => answer.Submission.TaskId).ToList();
        Assert.Equal(taken.Count, taken.Distinct().Count());
        Assert.InRange(taken.Count, 20, 40);
        Assert.DoesNotContain(answers, answer => answer is Acceptance.Conflicts or Acceptance.KeyReused);
        Assert.Equal(taken.Order(), (await Sent(taken.Count)).Order());
    }

    [Fact]
    public async Task A_batch_is_taken_as_a_whole_and_its_commands_leave_once()
    {
        var answer = await AcceptBatch(["c", "a", "b"]);

        Assert.Equal(["c", "a", "b"], answer.Items.Select(item => Assert.IsType<Acceptance.Taken>(item).Submission.TaskId));
        Assert.All((await AcceptBatch(["c", "a", "b"])).Items, item => Assert.IsType<Acceptance.Repeated>(item));
        Assert.Equal(["a", "b", "c"], (await Sent(3)).Order());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_conflict_withdraws_an_atomic_batch_and_only_itself_from_another(bool atomic)
    {
        await Accept(Submission("taken", "other"));

        var answer = await AcceptBatch(["new", "taken"], atomic: atomic, key: "k");

        Assert.Equal(atomic, answer.Withdrawn);
        Assert.Equal(new Acceptance.Conflicts("taken"), answer.Items[1]);
        Assert.Equal(atomic, await Store.Find("new", CancellationToken.None) is null);
        // A withdrawn batch leaves its key free.
        Assert.Equal(!atomic, (await AcceptBatch(["last"], key: "k", hash: "another")).KeyReused);
    }

    [Fact]
    public async Task The_key_of_a_batch_recognises_its_repeat_and_refuses_another_body()
    {
        Assert.False((await AcceptBatch(["a", "b"], key: "k")).Replayed);

        var again = await AcceptBatch(["a", "b"], key: "k");

        Assert.True(again.Replayed);
        Assert.All(again.Items, item => Assert.IsType<Acceptance.Repeated>(item));
        Assert.True((await AcceptBatch(["c"], key: "k", hash: "another")).KeyReused);
        Assert.Equal(new Acceptance.KeyReused("k"), await Accept(Submission("d", key: "k")));
        await AgeKeys();
        Assert.False((await AcceptBatch(["c"], key: "k", hash: "another")).KeyReused);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_workflow_is_kept_with_its_tasks_or_not_at_all(bool conflicts)
    {
        if (conflicts) { await Accept(Submission("b", "other")); }
        WorkflowRow Workflow(string record) =>
            new() { WorkflowId = "w", BodyHash = Submission("w").Row.BodyHash, Record = record, CreatedAt = At };

        var answer = await Store.AcceptBatch(
            new NewBatch([Submission("a"), Submission("b")], null, Submission("w").Row.BodyHash, true) { Workflow = Workflow("first") },
            CancellationToken.None);
        _ = await Store.AcceptBatch(
            new NewBatch([Submission("c")], null, Submission("w").Row.BodyHash, true) { Workflow = conflicts ? null : Workflow("second") },
            CancellationToken.None);

        Assert.Equal(conflicts, answer.Withdrawn);
        var found = await Store.FindWorkflow("w", CancellationToken.None);
        Assert.Equal(conflicts ? null : "first", found?.Record);
        Assert.Equal(conflicts ? null : At, found?.CreatedAt);
        Assert.Null(await Store.FindWorkflow("v", CancellationToken.None));
    }

    private Task<BatchAcceptance> AcceptBatch(string[] ids, string? key = null, string hash = "whole", bool atomic = true) => Store.AcceptBatch(
        new NewBatch([.. ids.Select(id => Submission(id))], key,
            System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(hash)), atomic),
        CancellationToken.None);
}
