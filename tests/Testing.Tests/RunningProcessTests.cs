namespace A2A.Micro.Testing.Tests;

public sealed class RunningProcessTests
{
    [Fact]
    public async Task A_process_that_ends_before_it_is_ready_fails_with_its_last_words()
    {
        var failure = await Assert.ThrowsAsync<EventuallyException>(() => RunningProcess.StartReady(Path.Combine(Path.GetTempPath(), "no-such-service.dll")));
        Assert.Contains("before it was ready", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no-such-service.dll", failure.Message, StringComparison.Ordinal);
    }
}
