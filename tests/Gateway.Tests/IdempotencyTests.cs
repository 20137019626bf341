using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.Gateway.Tests;

[Trait("Requirement", "9")]
public sealed class IdempotencyTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_same_id_and_body_again_gets_the_first_receipt()
    {
        using var first = await _host.Post("/v1/tasks", """{"task_id":"t","task_type":"a","requirements":{"memory_gb":16}}""");
        using var again = await _host.Post("/v1/tasks", """{ "requirements":{"memory_gb":16.0}, "task_type":"a", "task_id":"t" }""");

        Assert.Equal((202, 200), ((int)first.StatusCode, (int)again.StatusCode));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.False(again.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(first.Headers.Location, again.Headers.Location);
    }

    [Fact]
    public async Task The_same_id_with_another_body_conflicts()
    {
        using var first = await _host.Post("/v1/tasks", """{"task_id":"t","task_type":"a"}""");
        using var other = await _host.Post("/v1/tasks", """{"task_id":"t","task_type":"b"}""");
        Assert.Equal(["#/task_id"], (await other.Problem(409, "CONFLICT")).Pointers());
    }

    [Fact]
    public async Task The_same_key_and_body_again_gets_the_first_id()
    {
        using var first = await _host.Post("/v1/tasks", """{"task_type":"a"}""", ("Idempotency-Key", "\"one\""));
        using var again = await _host.Post("/v1/tasks", """{"task_type":"a"}""", ("Idempotency-Key", "one"));

        Assert.Equal((202, 200), ((int)first.StatusCode, (int)again.StatusCode));
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_refused()
    {
        using var first = await _host.Post("/v1/tasks", """{"task_type":"a"}""", ("Idempotency-Key", "one"));
        using var other = await _host.Post("/v1/tasks", """{"task_type":"b"}""", ("Idempotency-Key", "one"));
        await other.Problem(422, ErrorKind.IdempotencyKeyReused.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("\"a\"b\"")]
    [InlineData("\"a\\\"")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        using var reply = await _host.Post("/v1/tasks", """{"task_type":"a"}""", ("Idempotency-Key", key));
        Assert.Equal(["#/headers/idempotency-key"], (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Theory]
    [InlineData(255, 202)]
    [InlineData(256, 400)]
    public async Task A_key_has_at_most_255_characters(int length, int status)
    {
        using var reply = await _host.Post("/v1/tasks", """{"task_type":"a"}""", ("Idempotency-Key", new string('k', length)));
        Assert.Equal(status, (int)reply.StatusCode);
    }

    [Fact]
    public async Task Fifty_at_once_with_the_same_id_start_one_task()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 50)
            .Select(_ => _host.Post("/v1/tasks", """{"task_id":"t","task_type":"a"}""")));

        Assert.Single(replies, reply => (int)reply.StatusCode == 202);
        Assert.Equal(49, replies.Count(reply => (int)reply.StatusCode == 200));
        Assert.Single((await Task.WhenAll(replies.Select(reply => reply.Content.ReadAsStringAsync()))).Distinct());
        // A second command would travel the same line: what is sent after it and has arrived shows that it is not coming.
        using var last = await _host.Post("/v1/tasks", """{"task_id":"last","task_type":"a"}""");
        await Eventually.True(() => _host.Neighbours.Submitted.Any(task => task.TaskId == "last"), "the last task arrives");
        Assert.Single(_host.Neighbours.Submitted, task => task.TaskId == "t");
    }

    [Fact]
    public async Task Fifty_at_once_with_the_same_key_get_one_id()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 50)
            .Select(_ => _host.Post("/v1/tasks", """{"task_type":"a"}""", ("Idempotency-Key", "k"))));

        Assert.Single(replies, reply => (int)reply.StatusCode == 202);
        Assert.Single((await Task.WhenAll(replies.Select(reply => reply.Content.ReadAsStringAsync()))).Distinct());
    }
}
