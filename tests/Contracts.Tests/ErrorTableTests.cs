using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tests;

/// <summary>The error catalogue (requirements 45-49, 90, R16).</summary>
public sealed class ErrorTableTests
{
    [Fact]
    public void No_code_stands_twice() =>
        Assert.Equal(ErrorKind.All.Count, ErrorKind.All.Select(kind => kind.Code).Distinct(StringComparer.OrdinalIgnoreCase).Count());

    [Fact]
    public void Every_kind_that_is_declared_is_in_the_catalogue()
    {
        var declared = typeof(ErrorKind).GetFields().Where(field => field.FieldType == typeof(ErrorKind)).Select(field => field.GetValue(null));

        Assert.Equal(declared.OfType<ErrorKind>().Select(kind => kind.Code).Order(), ErrorKind.All.Select(kind => kind.Code).Order());
    }

    [Theory]
    [InlineData("MSG001", "error", "retry_with_validation")]
    [InlineData("MSG002", "error", "retry_with_new_serializer")]
    [InlineData("COM001", "warning", "retry_with_backoff")]
    [InlineData("COM002", "critical", "failover_to_backup")]
    public void The_guides_four_errors_have_its_severity_and_recovery(string code, string severity, string recovery)
    {
        var kind = ErrorKind.Find(code);

        Assert.Equal((severity, recovery), (kind?.Severity.Word(), kind?.Recovery.Word()));
    }

    [Fact]
    public void Only_what_waiting_or_another_endpoint_may_help_is_tried_again() => Assert.All(
        ErrorKind.All,
        kind => Assert.Equal(kind.Recovery.Word() is "retry_with_backoff" or "failover_to_backup", kind.IsTransient));

    [Theory]
    [InlineData(RejectionReason.UnsupportedTaskType)]
    [InlineData(RejectionReason.CapacityExceeded)]
    [InlineData(RejectionReason.DeadlineImpossible)]
    [InlineData(RejectionReason.InvalidParameters)]
    [InlineData(RejectionReason.ResourceUnavailable)]
    public void Every_reason_of_an_agent_is_an_error_of_the_same_name(RejectionReason reason) =>
        Assert.Equal(reason.Word(), ErrorKind.Of(reason).Code);

    [Fact]
    public void A_reason_of_the_future_counts_as_a_missing_resource() =>
        Assert.Equal(ErrorKind.ResourceUnavailable, ErrorKind.Of(RejectionReason.Unknown));

    [Fact]
    public void An_agents_own_code_is_in_no_catalogue() => Assert.Null(ErrorKind.Find("MY_CODE"));
}
