using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>
/// One column of a saga table, read from the EF model: how to take it from a saga, put it back, and carry many sagas' values as one array
/// parameter.
/// </summary>
internal abstract class SagaColumn<TSaga>(string name, string storeType, bool isFixed, bool isSeldom) where TSaga : SagaRow
{
    public string Name { get; } = name;

    /// <summary>Written with the first commit and never again; it does not travel with the later ones.</summary>
    public bool IsFixed { get; } = isFixed;

    /// <summary>Most commits leave it as it is; see <see cref="SagaModel.ChangesSeldom"/>.</summary>
    public bool IsSeldom { get; } = isSeldom;

    /// <summary>Type in the database; array parameters are cast to it.</summary>
    public string StoreType { get; } = storeType;

    /// <summary>Type of the array's elements as they travel; text where the column is a document.</summary>
    public abstract string TravelType { get; }

    public abstract NpgsqlParameter Parameter(IReadOnlyList<TSaga> sagas);

    /// <summary>Whether both have the same in it. Lists inside a saga are replaced, never changed in place.</summary>
    public abstract bool IsSame(TSaga one, TSaga other);

    /// <summary>What a saga has in it, as SQL.</summary>
    public abstract string Literal(TSaga saga);

    public abstract void Read(NpgsqlDataReader reader, int ordinal, TSaga saga);

    public static SagaColumn<TSaga> From(IProperty property)
    {
        var converter = property.GetTypeMapping().Converter;
        var provider = converter?.ProviderClrType ?? property.ClrType;
        var element = Nullable.GetUnderlyingType(provider) ?? provider;
        var travel = element.IsValueType && property.IsNullable ? typeof(Nullable<>).MakeGenericType(element) : element;
        return (SagaColumn<TSaga>)Activator.CreateInstance(
            typeof(SagaColumn<,>).MakeGenericType(typeof(TSaga), travel), property, converter)!;
    }
}

internal sealed class SagaColumn<TSaga, TTravel>(IProperty property, ValueConverter? converter)
    : SagaColumn<TSaga>(property.GetColumnName(), property.GetColumnType(),
        property.GetAfterSaveBehavior() == PropertySaveBehavior.Ignore, SagaModel.IsSeldom(property)) where TSaga : SagaRow
{
    private static readonly (NpgsqlDbType Db, string Name) Travel = (Nullable.GetUnderlyingType(typeof(TTravel)) ?? typeof(TTravel)) switch
    {
        var t when t == typeof(Guid) => (NpgsqlDbType.Uuid, "uuid"),
        var t when t == typeof(int) => (NpgsqlDbType.Integer, "int"),
        var t when t == typeof(long) => (NpgsqlDbType.Bigint, "bigint"),
        var t when t == typeof(bool) => (NpgsqlDbType.Boolean, "bool"),
        var t when t == typeof(double) => (NpgsqlDbType.Double, "float8"),
        var t when t == typeof(string) => (NpgsqlDbType.Text, "text"),
        var t when t == typeof(DateTimeOffset) => (NpgsqlDbType.TimestampTz, "timestamptz"),
        var t => throw new NotSupportedException($"a saga column of type {t.Name} needs a value converter to text"),
    };

    private readonly Func<TSaga, object?> _get = Getter(property);
    private readonly Action<TSaga, object?> _set = Setter(property);

    public override string TravelType => Travel.Name;

    public override NpgsqlParameter Parameter(IReadOnlyList<TSaga> sagas)
    {
        var values = new TTravel?[sagas.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (IsFixed && sagas[i].Version > 0) { continue; }
            values[i] = (TTravel?)Stored(sagas[i]);
        }

        return new NpgsqlParameter { Value = values, NpgsqlDbType = NpgsqlDbType.Array | Travel.Db };
    }

    public override bool IsSame(TSaga one, TSaga other) => Equals(_get(one), _get(other));

    public override string Literal(TSaga saga) => Stored(saga) switch
    {
        null => "null",
        bool value => value ? "true" : "false",
        int value => value.ToString(CultureInfo.InvariantCulture),
        long value => value.ToString(CultureInfo.InvariantCulture),
        string value => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'::{StoreType}",
        var value => throw new NotSupportedException($"a column that seldom changes cannot begin as a {value.GetType().Name}"),
    };

    public override void Read(NpgsqlDataReader reader, int ordinal, TSaga saga)
    {
        object? value = reader.IsDBNull(ordinal) ? null : reader.GetFieldValue<TTravel>(ordinal);
        _set(saga, converter is null || value is null ? value : converter.ConvertFromProvider(value));
    }

    private object? Stored(TSaga saga) =>
        _get(saga) is { } value && converter is not null ? converter.ConvertToProvider(value) : _get(saga);

    private static Func<TSaga, object?> Getter(IProperty property)
    {
        var saga = Expression.Parameter(typeof(TSaga));
        var read = Expression.Convert(Expression.Property(saga, property.PropertyInfo!), typeof(object));
        return Expression.Lambda<Func<TSaga, object?>>(read, saga).Compile();
    }

    private static Action<TSaga, object?> Setter(IProperty property)
    {
        var saga = Expression.Parameter(typeof(TSaga));
        var value = Expression.Parameter(typeof(object));
        var write = Expression.Assign(
            Expression.Property(saga, property.PropertyInfo!), Expression.Convert(value, property.ClrType));
        return Expression.Lambda<Action<TSaga, object?>>(write, saga, value).Compile();
    }
}
