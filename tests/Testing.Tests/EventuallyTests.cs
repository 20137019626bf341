namespace A2A.Micro.Testing.Tests;

public sealed class EventuallyTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task It_returns_the_first_value_that_is_as_wanted()
    {
        var looks = 0;
        Assert.Equal(3, await Eventually.Seen(_ => Task.FromResult(++looks), value => value == 3, "three"));
    }

    [Fact]
    public async Task A_failure_says_what_was_waited_for_and_what_was_seen()
    {
        var failure = await Assert.ThrowsAsync<EventuallyException>(
            () => Eventually.Seen(_ => Task.FromResult("blocked"), state => state == "queued", "the task is queued", within: Short));
        Assert.Contains("the task is queued", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Last seen: blocked", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exception_counts_as_not_yet_and_is_shown()
    {
        var failure = await Assert.ThrowsAsync<EventuallyException>(() => Eventually.Seen<int>(
            _ => throw new HttpRequestException("connection refused"), _ => true, "it answers", within: Short));
        Assert.Contains("connection refused", failure.Message, StringComparison.Ordinal);
        Assert.IsType<HttpRequestException>(failure.InnerException);
    }

    [Fact]
    public async Task A_look_that_never_returns_does_not_hold_the_wait() =>
        await Assert.ThrowsAsync<EventuallyException>(() => Eventually.Seen(
            _ => new TaskCompletionSource<int>().Task, _ => true, "it returns", within: Short));
}
