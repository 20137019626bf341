using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>What the model of a saga can say besides what EF Core knows.</summary>
public static class SagaModel
{
    private const string Seldom = "A2A:Seldom";

    /// <summary>
    /// Most commits leave this property as it is. A commit in which it is the same for all sagas does not carry it: a statement's cost grows
    /// with its columns. A new saga begins with what the parameterless constructor gives it.
    /// </summary>
    public static PropertyBuilder<T> ChangesSeldom<T>(this PropertyBuilder<T> property)
    {
        ArgumentNullException.ThrowIfNull(property);
        return property.HasAnnotation(Seldom, true);
    }

    internal static bool IsSeldom(IReadOnlyProperty property) => property.FindAnnotation(Seldom) is not null;
}
