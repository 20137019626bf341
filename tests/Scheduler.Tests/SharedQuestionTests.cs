using A2A.Micro.Scheduler.Distribution;

namespace A2A.Micro.Scheduler.Tests;

public sealed class SharedQuestionTests
{
    [Fact]
    public async Task Who_asks_while_a_question_is_under_way_shares_the_next_one_which_begins_later()
    {
        var asked = new List<TaskCompletionSource<int>>();
        var question = new SharedQuestion<int>((_, _) =>
        {
            var answer = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (asked) { asked.Add(answer); }
            return answer.Task;
        });
        var first = question.Ask("a", CancellationToken.None);
        var later = Enumerable.Range(0, 1000).Select(_ => question.Ask("a", CancellationToken.None)).ToList();
        var other = question.Ask("b", CancellationToken.None);
        Assert.Equal(2, asked.Count);
        asked[0].SetResult(1);
        Assert.Equal(1, await first);
        await Eventually.True(() => { lock (asked) { return asked.Count == 3; } }, "the next question");
        Assert.DoesNotContain(later, one => one.IsCompleted);
        asked[2].SetResult(2);
        Assert.All(await Task.WhenAll(later), answer => Assert.Equal(2, answer));
        asked[1].SetResult(3);
        Assert.Equal(3, await other);
        Assert.Equal(3, asked.Count);
    }

    [Fact]
    public async Task A_question_that_failed_is_asked_again_and_who_leaves_takes_nothing_from_the_others()
    {
        var answers = new Queue<TaskCompletionSource<int>>([new(), new(TaskCreationOptions.RunContinuationsAsynchronously)]);
        var (first, second) = (answers.Peek(), answers.Last());
        var question = new SharedQuestion<int>((_, _) => answers.Dequeue().Task);
        using var leave = new CancellationTokenSource();
        var lost = question.Ask("a", CancellationToken.None);
        var (gone, stays) = (question.Ask("a", leave.Token), question.Ask("a", CancellationToken.None));
        await leave.CancelAsync();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        first.SetException(new TimeoutException());
        _ = await Assert.ThrowsAsync<TimeoutException>(() => lost);
        second.SetResult(7);
        Assert.Equal(7, await stays);
    }
}
