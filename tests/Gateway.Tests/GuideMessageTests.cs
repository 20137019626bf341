using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Envelopes;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Requirements 18 and 89: the task guide's own messages are a second spelling of the protocol's.</summary>
[Trait("Requirement", "18")]
[Trait("Requirement", "89")]
public sealed class GuideMessageTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start(("A2A:Gateway:AnswerTimeout", "00:00:02"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_TaskMessage_is_a_submission_and_comes_back_with_every_field()
    {
        using var reply = await _host.Post("/v1/messages", """
            {"message_type":"TaskMessage","payload":{
              "task_id":"task_data_analysis_1","task_type":"data_analysis","parameters":{"path":"x.csv","n":1.0},
              "requester_agent_id":"agent_requester","responder_agent_id":"","deadline":"2999-01-01T00:00:00Z","priority":"PRIORITY_HIGH",
              "metadata":{"workflow_id":"w"},"created_at":"2024-03-21T15:00:00Z"}}
            """);

        Assert.Equal(202, (int)reply.StatusCode);
        Assert.Equal("TaskMessage", (await reply.Json()).Text("in_reply_to"));
        await Eventually.True(() => !_host.Neighbours.Submitted.IsEmpty, "it is submitted");
        var task = _host.Neighbours.Submitted.First();
        Assert.Equal(("task_data_analysis_1", "data_analysis", "agent_requester", null, 3),
            (task.TaskId, task.TaskType, task.RequesterAgentId, task.ResponderAgentId, task.Priority));
        Assert.Equal((2999, """{"path":"x.csv","n":1.0}""", "w", "2024-03-21T15:00:00.000Z"),
            (task.Deadline!.Value.Year, task.Parameters!.Value.GetRawText(), task.Metadata!.Value.Text("workflow_id"),
                task.Metadata!.Value.Text("a2a.client_created_at")));
    }

    [Fact]
    public async Task A_TaskProgress_reports_in_percent()
    {
        _ = _host.Neighbours.Put("t", TaskState.Running, document => document with { AgentId = "agent-1" });

        using var reply = await _host.Post("/v1/messages", """
            {"message_type":"TaskProgress","payload":{"task_id":"t","status":"IN_PROGRESS","progress_message":"half","progress_percentage":50,
             "progress_data":{"rows":12},"executor_agent_id":"agent-1","updated_at":"2024-03-21T15:00:00Z"}}
            """);

        Assert.Equal(202, (int)reply.StatusCode);
        await Eventually.True(() => !_host.Neighbours.Reports.IsEmpty, "the report arrives");
        var report = _host.Neighbours.Reports.First();
        Assert.Equal((TaskState.Running, 0.5, "half", 1, "agent-1", 12), (report.Status, report.Progress, report.ProgressMessage, report.Attempt,
            report.ExecutorAgentId, report.Metrics!.Value.Whole("rows")));
    }

    [Theory]
    [InlineData("""{"task_id":"t","status":"COMPLETED","result":{"rows":3},"executor_agent_id":"agent-1","completed_at":"2024-03-21T15:00:00Z"}""", 202, null)]
    [InlineData("""{"task_id":"t","status":"FAILED","error_message":"disk full","executor_agent_id":"agent-1"}""", 202, "HANDLER_FAILED")]
    [InlineData("""{"task_id":"t","status":"FAILED","error_message":"Deadline exceeded","executor_agent_id":"agent-1"}""", 202, "DEADLINE_EXCEEDED")]
    [InlineData("""{"task_id":"t","status":"FAILED","error_message":"INVALID_PARAMETERS: no path","executor_agent_id":"agent-1"}""", 202, "INVALID_PARAMETERS")]
    [InlineData("""{"task_id":"t","status":"failed","error":{"code":"DISK_FULL","message":"x"},"executor_agent_id":"agent-1","attempt":1}""", 202, "DISK_FULL")]
    [InlineData("""{"task_id":"t","status":"COMPLETED","executor_agent_id":"agent-2"}""", 409, "CONFLICT")]
    [InlineData("""{"task_id":"t","status":"COMPLETED","executor_agent_id":"agent-1","attempt":2}""", 409, "CONFLICT")]
    [InlineData("""{"task_id":"nobody","status":"COMPLETED","executor_agent_id":"agent-1"}""", 404, "NOT_FOUND")]
    [InlineData("""{"task_id":"t","status":"IN_PROGRESS","executor_agent_id":"agent-1"}""", 400, "#/payload/status")]
    [InlineData("""{"task_id":"t","status":"COMPLETED"}""", 400, "#/payload/executor_agent_id")]
    public async Task A_TaskResult_ends_the_attempt_of_its_executor_and_no_other(string payload, int status, string? said)
    {
        _ = _host.Neighbours.Put("t", TaskState.Running, document => document with { AgentId = "agent-1" });

        using var reply = await _host.Post("/v1/messages", $$"""{"message_type":"TaskResult","payload":{{payload}}}""");

        Assert.Equal(status, (int)reply.StatusCode);
        if (status == 202) { Assert.Equal(said, (await reply.Json()).GetProperty("payload").Text("code")); }
        else if (status == 400) { Assert.Contains(said, (await reply.Problem(400, "MSG001")).Pointers()); }
        else { await reply.Problem(status, said!); }
    }

    [Fact]
    public void One_of_the_five_reasons_refuses_an_offer_and_fails_what_runs()
    {
        var report = new ResultReport
        {
            TaskId = "t",
            Status = TaskState.Failed,
            ExecutorAgentId = "a",
            CompletedAt = DateTimeOffset.UnixEpoch,
            Attempt = 1,
            Error = ResultReports.ErrorOf("CAPACITY_EXCEEDED"),
        };

        Assert.Equal("CAPACITY_EXCEEDED", Assert.IsType<TaskResult>(ResultReports.Message(report, TaskState.Running)).Error!.Code);
        Assert.Equal(Contracts.Errors.RejectionReason.CapacityExceeded,
            Assert.IsType<TaskRejected>(ResultReports.Message(report, TaskState.Offered)).Code);
    }

    [Fact]
    public void Without_an_attempt_only_the_first_one_can_be_meant()
    {
        var document = _host.Neighbours.Put("t", TaskState.Running, fresh => fresh with { AgentId = "a", Attempt = 2 });
        Assert.NotNull(ReportSender.Objection(null, "a", document));
        Assert.Null(ReportSender.Objection(2, "a", document));
        Assert.Null(ReportSender.Objection(null, "a", document with { Attempt = 1 }));
    }

    [Fact]
    public void What_is_in_the_protocols_words_is_left_as_it_is()
    {
        var envelope = Envelope.Read(JsonElement.Parse("""{"message_type":"task.status","payload":{"progress_percentage":50}}"""));
        Assert.Same(envelope, GuideMessages.Translate(envelope));
    }
}
